"""Importing Gradio quickly."""

from __future__ import annotations

import inspect

import gradio as gr
import pytest

from qa.web.swift import no_interface_files


def test_the_source_of_gradios_classes_is_not_found_meanwhile_and_is_again_after() -> None:
    with no_interface_files():
        with pytest.raises(OSError, match="not looked for"):
            inspect.getfile(gr.HTML)
        assert inspect.getfile(test_it_is_found_again_where_the_import_fails) == __file__
    assert inspect.getfile(gr.HTML).endswith("html.py")


def test_it_is_found_again_where_the_import_fails() -> None:
    with pytest.raises(ImportError), no_interface_files():
        raise ImportError("no Gradio here")
    assert inspect.getfile(gr.HTML).endswith("html.py")

# make serve   installs, indexes the starter corpus, opens the web chat
# make test    installs, runs every test
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
OUT ?= out
export TOKENIZERS_PARALLELISM = false

.PHONY: serve test test-fast lint format bench bench-texts bench-page bench-quality bench-starter bench-seeds bench-covidqa bench-retrieval bench-sentences \
	bench-readers bench-abstention bench-bioasq bench-documents bench-evidence bench-passages bench-scale bench-real bench-runtimes bench-embedding bench-differ bench-web covidqa encoder train differ fit clean

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

serve: $(VENV)/.installed
	$(BIN)/pincite index corpus/starter
	$(BIN)/pincite serve

# JOBS=0 runs the tests one after the other, in this process.
JOBS ?= 2
test: $(VENV)/.installed
	$(BIN)/pytest -n $(JOBS) --dist loadfile

test-fast: $(VENV)/.installed
	$(BIN)/pytest -m "not slow and not browser"

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Pincite beside its peers: docs/bench.md with its pictures. CORES=1 keeps each system to one core;
# RESUME=--resume goes on where a run was stopped.
ROUNDS ?= 5
PAPERS ?= 10
QUESTIONS ?= 20
EVIDENCE ?= 100
CORES ?= 0
RESUME ?=
bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[measure]'
	$(BIN)/python -m qa.measure.peers.bench $(SHARED)/bench $(OUT)/peers --rounds $(ROUNDS) \
		--papers $(PAPERS) --questions $(QUESTIONS) --evidence $(EVIDENCE) --cores $(CORES) $(RESUME)
	$(BIN)/python -m qa.measure.peers.page $(OUT)/peers/result.json docs

# All 2,528 full texts, each system once, and the page with them: about six hours for all systems.
# One that is not done after PATIENCE minutes is given up. AFTER=docs/bench_texts.json adds to what
# is there.
PATIENCE ?= 240
SYSTEMS ?= pincite haystack-memory haystack-faiss txtai txtai-hybrid llamaindex cairn verbatim
bench-texts: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[measure]'
	$(BIN)/python -m qa.measure.peers.bench $(SHARED)/bench $(OUT)/texts --part scale --evidence 2528 \
		--questions 100 --environments $(OUT)/peers/environments --patience $(PATIENCE) --resume $(SYSTEMS:%=--system %)
	$(BIN)/python -m qa.measure.peers.page docs/bench.json docs $(AFTER:%=--texts %) --texts $(OUT)/texts/result.json

# The same page and pictures anew, from the figures that were kept.
bench-page: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[measure]'
	$(BIN)/python -m qa.measure.peers.page docs/bench.json docs

# The figures in docs/evaluation.md, each by one command.
bench-quality: bench-sentences bench-starter bench-seeds bench-retrieval bench-covidqa

bench-sentences: $(VENV)/.installed
	$(BIN)/python -m corpus.compare_sentences

bench-starter: $(VENV)/.installed
	$(BIN)/pincite index corpus/starter --index $(OUT)/starter
	$(BIN)/pincite eval qa/questions/starter.jsonl --index $(OUT)/starter \
		--json qa/questions/starter.result.json --report $(OUT)/starter.md \
		--answers $(OUT)/starter.answers.jsonl
	$(BIN)/pincite verify $(OUT)/starter.answers.jsonl --index $(OUT)/starter

bench-seeds: $(VENV)/.installed
	$(BIN)/pincite index $(SHARED)/seeds --index $(OUT)/seeds
	$(BIN)/pincite eval qa/questions/seeds.jsonl --index $(OUT)/seeds \
		--report $(OUT)/seeds.md --answers $(OUT)/seeds.answers.jsonl
	$(BIN)/pincite verify $(OUT)/seeds.answers.jsonl --index $(OUT)/seeds

covidqa: $(VENV)/.installed
	$(BIN)/python -m qa.training.covidqa $(SHARED)/bench/covidqa $(OUT)/covidqa
	$(BIN)/pincite index $(OUT)/covidqa/papers --index $(OUT)/covidqa/index

bench-covidqa: covidqa
	$(BIN)/pincite eval $(OUT)/covidqa/questions.jsonl --index $(OUT)/covidqa/index --risk 1 \
		--report $(OUT)/covidqa/report.md --answers $(OUT)/covidqa/answers.jsonl
	$(BIN)/pincite verify $(OUT)/covidqa/answers.jsonl --index $(OUT)/covidqa/index

bench-retrieval: $(VENV)/.installed
	$(BIN)/python -m qa.training.retrieval $(SHARED)/bench/covidqa/train.json
	$(BIN)/python -m qa.training.retrieval $(SHARED)/bench/covidqa/dev.json \
		--with $(SHARED)/bench/covidqa/train.json

bench-readers: covidqa
	$(BIN)/python -m qa.training.compare_readers $(OUT)/covidqa/index $(OUT)/covidqa/questions.jsonl \
		--reader overlap --reader "" -o $(OUT)/readers.md

bench-abstention: covidqa
	$(BIN)/python -m qa.training.abstention $(SHARED)/bench/covidqa $(OUT)/covidqa/index \
		--squad $(SHARED)/bench/squad/dev-v1.1.json -o $(OUT)/abstention.md

bench-bioasq: $(VENV)/.installed
	$(BIN)/python -m qa.training.bioasq $(SHARED)/bench/bioasq $(OUT)/bioasq
	$(BIN)/pincite index $(OUT)/bioasq/abstracts --index $(OUT)/bioasq/index
	$(BIN)/python -m qa.training.bioasq_bench $(SHARED)/bench/bioasq $(OUT)/bioasq/index \
		-o $(OUT)/bioasq.md

# How well files are read; about six minutes. OUT/documents/documents.md is the table.
# WeasyPrint needs Pango (apt-get install libpango-1.0-0 libpangoft2-1.0-0); without it ReportLab alone sets PDFs.
bench-documents: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[measure]'
	$(BIN)/python -m index.measure.documents $(SHARED) $(OUT)/documents

bench-evidence: $(VENV)/.installed
	$(BIN)/python -m qa.training.evidence_inference $(SHARED)/bench/evidence_inference $(OUT)/evidence
	$(BIN)/pincite index $(OUT)/evidence/articles --index $(OUT)/evidence/index
	$(BIN)/pincite eval $(OUT)/evidence/questions.jsonl --index $(OUT)/evidence/index --risk 1 \
		--report $(OUT)/evidence/report.md --answers $(OUT)/evidence/answers.jsonl
	$(BIN)/pincite verify $(OUT)/evidence/answers.jsonl --index $(OUT)/evidence/index

# The web chat as a running process: how fast it starts, and what a question waits while another
# person's upload is being indexed. About a quarter of an hour; wants a Chromium.
bench-web: $(VENV)/.installed
	$(BIN)/python -m qa.measure.start -o $(OUT)/web
	$(BIN)/python -m qa.measure.two_users $(SHARED)/bench/evidence_inference/jats.tar.gz -o $(OUT)/web

# A million passages made of real ones: kinds of index, the whole index at growing size, the page's
# figures. About an hour and a half on two cores, a third of it embedding; 15 GB of disk, 6 GB of memory.
SCALE = $(OUT)/scale
SIZES = 1000 3000 10000 30000 100000 200000 1000000
SCALE_QUESTIONS = $(SHARED)/bench/evidence_inference/train.jsonl
bench-scale: $(VENV)/.installed
	mkdir -p $(SCALE)/articles
	test -e $(SCALE)/sample || tar xzf $(SHARED)/bench/evidence_inference/fulltext.tar.gz -C $(SCALE)/articles
	ls $(SCALE)/articles/fulltext/* | sort | tail -n +601 | xargs -r rm
	$(BIN)/pincite index $(SCALE)/articles --index $(SCALE)/sample || test $$? = 1  # two are refused
	test -e $(SCALE)/grown || $(BIN)/python -m index.measure.grown $(SCALE)/sample $(SCALE)/grown \
		$(foreach size,$(SIZES),--size $(size))
	cp $(SCALE)/grown/grown.jsonl $(SCALE)
	for size in 20000 200000 1000000; do \
		$(BIN)/python -m index.measure.kinds $(SCALE)/grown $(SCALE_QUESTIONS) --first $$size -o $(SCALE); done
	$(BIN)/python -m index.measure.scale $(SCALE)/grown $(SCALE)/sample $(SCALE_QUESTIONS) -o $(SCALE)
	for size in 10000 200000 1000000; do \
		$(BIN)/python -m qa.measure.questions $(SCALE)/grown/$$size $(SCALE_QUESTIONS) -o $(SCALE); done
	$(BIN)/python -m index.measure.growth $(SCALE) docs/scale.md

# Real passages alone: all full texts at the usual length, 88,000, and in shorter passages, 230,000.
# About an hour. Three of the texts hold no more than a title and are refused.
REAL = $(OUT)/real
bench-real: $(VENV)/.installed
	mkdir -p $(REAL)/texts
	tar xzf $(SHARED)/bench/evidence_inference/fulltext.tar.gz -C $(REAL)/texts --strip-components 1
	test -e $(REAL)/sample || $(BIN)/pincite index $(REAL)/texts/PMC1[0-3]*.txt --index $(REAL)/sample
	test -e $(REAL)/88000 || $(BIN)/pincite index $(REAL)/texts --index $(REAL)/88000 || test $$? = 1
	test -e $(REAL)/230000 || $(BIN)/python -m index.measure.real $(REAL)/texts $(REAL)/230000
	$(BIN)/python -m index.measure.kinds $(REAL) $(SCALE_QUESTIONS) --first 200000 -o $(REAL)/figures
	$(BIN)/python -m index.measure.scale $(REAL) $(REAL)/sample $(SCALE_QUESTIONS) -o $(REAL)/figures
	for size in 88000 230000; do \
		$(BIN)/python -m qa.measure.questions $(REAL)/$$size $(SCALE_QUESTIONS) -o $(REAL)/figures; done
	$(BIN)/python -m index.measure.growth $(REAL)/figures docs/scale.md --prefix real_

bench-passages: $(VENV)/.installed
	$(BIN)/python -m qa.training.passage_sizes $(SHARED)/bench/covidqa/train.json

bench-runtimes: covidqa
	$(BIN)/python -m qa.training.compare_runtimes $(OUT)/training/again-1.safetensors qa/models \
		$(OUT)/covidqa/index $(OUT)/covidqa/questions.jsonl

# Embedding: passages a second beside the machine's matrix products, and recall with each kind of vectors.
# About a quarter of an hour on two free cores.
bench-embedding: covidqa
	$(BIN)/python -m index.measure.embedding $(OUT)/covidqa/papers \
		--questions $(SHARED)/bench/covidqa/train.json -o $(OUT)/embedding.md

# The packaged encoder's graphs, without its weights; their checksums belong into index/encoder.py.
encoder: $(VENV)/.installed
	$(BIN)/python -m index.training.export_encoder index/models

# Differences between quotes: the pairs written by hand.
bench-differ: $(VENV)/.installed
	$(BIN)/python -m qa.training.differ_bench qa/questions/differ.jsonl

# The head that tells contradictions: trained and measured, not shipped. About a quarter of an hour.
differ: $(VENV)/.installed
	mkdir -p $(OUT)/differ
	$(BIN)/python -m qa.training.restore_reader qa/models/reader-1.onnx $(OUT)/differ/reader.safetensors
	$(BIN)/python -m qa.training.train_differ $(SHARED)/bench $(OUT)/differ/reader.safetensors \
		qa/questions/differ.jsonl $(OUT)/differ
	$(BIN)/python -m qa.training.differ_bench qa/questions/differ.jsonl \
		--scores $(OUT)/differ/differ.scores.jsonl

TRAIN = $(BIN)/python -m qa.training.train_reader qa/training/reader.toml $(OUT)/groups $(OUT)/training

# The shipped reader, from the data sets to qa/models: about four hours on two cores.
train: $(VENV)/.installed
	$(BIN)/python -m qa.training.bioasq $(SHARED)/bench/bioasq $(OUT)/bioasq
	$(BIN)/pincite index $(OUT)/bioasq/abstracts --index $(OUT)/bioasq/index
	$(BIN)/python -m qa.training.build_groups $(SHARED)/bench $(OUT)/groups \
		--bioasq-index $(OUT)/bioasq/index
	$(TRAIN) --stage general
	$(TRAIN) --stage papers --from $(OUT)/training/general-1.safetensors
	$(BIN)/python -m qa.training.mine $(OUT)/training/papers-1.safetensors $(OUT)/groups $(OUT)/groups
	$(TRAIN) --stage again --from $(OUT)/training/papers-1.safetensors
	$(BIN)/python -m qa.training.mine $(OUT)/training/again-1.safetensors $(OUT)/groups $(OUT)/groups
	$(TRAIN) --stage more --from $(OUT)/training/again-1.safetensors
	$(BIN)/python -m qa.training.average_weights $(OUT)/groups $(OUT)/training/again-1.safetensors \
		$(OUT)/training/more-1.safetensors --share 0.5 -o $(OUT)/training/mean.safetensors
	$(BIN)/python -m qa.training.export_reader $(OUT)/training/mean.safetensors $(OUT)/groups qa/models
	$(BIN)/python -m qa.training.calibrate_reader $(SHARED)/bench qa/models \
		--bioasq-index $(OUT)/bioasq/index --groups $(OUT)/groups

fit: $(VENV)/.installed
	$(BIN)/python -m qa.training.fit_overlap $(SHARED)/bench/covidqa/train.json

clean:
	rm -rf $(VENV) $(OUT) .pincite .mypy_cache .ruff_cache .pytest_cache

"""The words that sentence boundaries hang on: abbreviations, and words that open sentences.

Where a list names lower-case forms the lookup ignores case ("Fig", "fig"); the ``CASED`` lists hold
what is an abbreviation only as written ("Mass." is a state, "mass." ends a sentence).
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER_LAST = _words("e.g eg i.e ie vs v viz cf a.k.a w.r.t n.b op loc")
"""Always followed by more of the sentence."""

NEVER_LAST_CASED = _words(
    """Dr Drs Prof Profs Mr Mrs Ms Mx Messrs Mme Mlle St Ste Mt Ft Hon Rev Gen Capt Cpt Lt Sgt Maj
    Adm Gov Sen Pres Priv-Doz Dipl-Ing"""
)
"""Titles and places, followed by a name. The name may look like a sentence opener ("Dr. So")."""

SELDOM_LAST = _words(
    """al fig figs ref refs eq eqs eqn eqns tab tabs vol vols nos nr p pp ch chap sects
    suppl supp art ver fol iss ed eds c approx appr ca circ resp incl excl esp equiv
    conc concn temp vit aq dil avg std mol dept div univ inst fac hosp assoc assn natl
    intl internat inc ltd co corp bros jr sr esq ph.d tel ext est cit ibid seq ssp
    subsp var cv transl diff obs"""
)
"""Last in a sentence only where the next word can hardly be anything but an opener ("The")."""

SELDOM_LAST_CASED = _words(
    """Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Mass
    Calif Conn Mich Minn Tex Ill Fla Penn Wash Wis Ore Ariz Ave Blvd Rd GmbH FIG FIGS TAB
    Acad Acta Adv Am Anal Angew Ann Annu Antimicrob Appl Arch Aust Biochem
    Biochim Bioinform Biol Biomed Biophys Biosci Biotechnol Br Brit Bull Cardiol Chem
    Chemother Chin Chir Clin Commun Comput Cur Curr Cytol Dermatol Dev Dig Dis Ecol Endocr
    Endocrinol Endosc Engl Environ Epidemiol Eur Exp Fed Front Gastroenterol Gen Genet Genom
    Ger Gynecol Haematol Hematol Hepatol Hepatogastroenterol Hum Immunol Infect Inform Intern
    Int Invest Investig Jpn Lett Libr Mater Med Metab Microbiol Mol Mutat Nat Nephrol Neurol
    Neurosci Nucl Nutr Obstet Oncol Ophthalmol Organ Orthop Parasitol Pathol Pediatr Percept
    Pharm Pharmacol Philos Phys Physiol Proc Prog Psychiatr Psychol Publ Pulm Quant Radiat
    Radiol Rep Reprod Res Resour Respir Rheumatol Scand Sci Semin Soc Statist Surg Symp Syst
    Technol Ther Thorac Toxicol Trans Transplant Trop Ultrasound Urol Vasc Virol Zool"""
)
"""Months, days, states and the words of journal titles."""

BEFORE_NUMBER = _words("no art app sec sect min max col ex pt etc sp spp")
"""Bound to a number or label that follows; at any other capital the sentence may well be over."""

UNITS = _words(
    "s sec secs min mins h hr hrs d wk wks mo mos yr yrs g mg kg l ml dl m cm mm nm mol u iu"
)
"""Units: after a number they are plain last words ("24 h.", "30 min.")."""

LETTERED = _words(
    """appendix arm avidin box case class coenzyme cohort complex component condition cyclin
    cyclosporin ciclosporin exon experiment factor figure fragment grade group haemophilia
    hemophilia hepatitis immunoglobulin influenza isoform kinase level model panel part patient
    period phase plan plate point protein pugh reader region score serotype set site stage step
    stratum study subgroup subtype supplement table team treatment type variant vitamin ward
    zone"""
)
"""Words that take a letter as a name, so that the letter before a stop is no initial."""

OPENERS = _words(
    """A About Above According Accordingly Across Additionally After Afterwards Again Against All
    Almost Along Already Also Although Altogether Among Amongst An And Another Any Apart
    Apparently Are Around As At Based Because Before Besides Between Beyond Both But By Can
    Collectively Compared Consequently Considering Contrary Conversely Could Currently Data
    Depending Despite Did Do Does Due During Each Early Eight Either Eleven Especially Even
    Eventually Every Except Few Fewer Finally First Five Following For Four Fourth From Further
    Furthermore Generally Given Half Has Have He Hence Her Here Hereafter His Historically How
    However I If Importantly In Indeed Initially Instead Interestingly Is It Its Last Lastly
    Later Less Like Likewise Little Many Mean Meanwhile Median More Moreover Most Much My
    Namely Nearly Neither Never Nevertheless Next Nine No Nobody None Nonetheless Nor Not
    Notably Nothing Now Obviously Of Often On Once One Only Or Originally Other Others
    Otherwise Our Over Overall Particularly Patients Perhaps Possibly Presumably Previously
    Rarely Rather Recent Recently Regarding Respectively Results Second Secondly Seven Several
    She Should Similar Similarly Simultaneously Since Six So Some Sometimes Soon Specifically
    Still Studies Subsequently Such Surprisingly Taken Ten That The Their Then There Thereafter
    Therefore Thereby These They Third Thirdly This Those Though Three Through Throughout Thus
    To Today Together Toward Towards Treatment Twelve Two Typically Ultimately Under
    Unfortunately Unless Unlike Until Up Upon Using Usually Was We Were What When Whenever
    Where Whereas Whether Which While Who Whose Why Will With Within Without Would Yet You Your"""
)
"""Words that, with a capital in running text, all but prove that a sentence begins."""

SURNAMES_TOO = _words("An Do Even Few Hall He Her I Like Little Many May On So Such To Will You")
"""Openers that are also family names: no proof after an initial ("Y. He")."""

DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday EST GMT UTC CET")
"""What follows "8 a.m." inside a sentence."""

# SPDX-License-Identifier: Apache-2.0
"""Every shipped design against forms that were written down independently of its grammar."""

import re
from collections import defaultdict

import pytest
from drawing import registrations

from anprgen.design import load_design, shipped_designs

US_LETTER, TX_LETTER = "[A-HJ-NPR-Z]", "[BCDFGHJKLMNPRSTVWXYZ]"
SK_LETTER, CZ_LETTER = "[A-PR-VX-Z]", "[A-FH-NPR-VX-Z]"
RO_COUNTY = (
    "(?:A[BGR]|B[CHNRTVZ]|C[JLSTV]|D[BJ]|G[JLR]|H[DR]|I[FLS]|M[HMS]|NT|OT|PH|S[BJMV]|T[LMR]|V[LNS])"
)
RO_LETTERS = "[A-HJ-NPR-Z][A-PR-Z]{2}"
FR_LETTER = "[A-HJ-NP-TV-Z]"
FR_DEPARTMENT = "(?:2[AB]|(?!00|20)[0-8][0-9]|9[0-5])"
#: (design, series): the form as authorities and lists of plates describe it.
FORMS = {
    ("algeria", "standard"): r"(?!00000)[0-9]{5,6} [1-9][0-9]{2} (?:0[1-9]|[1-4][0-9]|5[0-8])",
    ("brazil_old", "car"): r"[A-Z]{3}-(?!0000)[0-9]{4}",
    ("brazil_old", "motorcycle"): r"[A-Z]{3}-(?!0000)[0-9]{4}",
    ("brazil_mercosul", "car"): r"[A-Z]{3}[0-9][A-Z][0-9]{2}",
    ("brazil_mercosul", "motorcycle"): r"[A-Z]{3}[0-9][A-Z][0-9]{2}",
    ("india", "std2"): r"[A-Z]{2} (?!00)[0-9]{2} [A-HJ-NP-Z]{2} (?!0000)[0-9]{4}",
    ("india", "std1"): r"[A-Z]{2} (?!00)[0-9]{2} [A-HJ-NP-Z] (?!0000)[0-9]{4}",
    ("india", "delhi"): r"DL [1-9] [A-HJ-NP-Z]{3} (?!0000)[0-9]{4}",
    ("india", "bharat"): r"2[1-9] BH (?!0000)[0-9]{4} [A-HJ-NP-Z]{2}",
    ("china", "small"): r"[\u4e00-\u9fff][A-HJ-NP-Z]·[A-HJ-NP-Z0-9]{5}",
    ("china", "large"): r"[\u4e00-\u9fff][A-HJ-NP-Z]·[A-HJ-NP-Z0-9]{5}",
    ("china", "new_energy"): r"[\u4e00-\u9fff][A-HJ-NP-Z]·[DF][A-HJ-NP-Z0-9][0-9]{4}",
    ("china", "new_energy_large"): r"[\u4e00-\u9fff][A-HJ-NP-Z]·[0-9]{5}[DF]",
    ("usa_missouri", "passenger"): rf"{US_LETTER}{{2}}[0-9] {US_LETTER}[0-9]{US_LETTER}",
    ("usa_california", "passenger"): rf"[1-9]{US_LETTER}[A-Z]{US_LETTER}[0-9]{{3}}",
    ("usa_texas", "passenger"): rf"{TX_LETTER}{{3}}-(?!0000)[0-9]{{4}}",
    ("united_kingdom", "current_2001"): (
        r"[A-HK-PRSV-Y][A-HJ-PR-Y](?:0[2-9]|1[0-9]|2[0-6]|5[1-9]|6[0-9]|7[0-6]) [A-HJ-PR-Z]{3}"
    ),
    ("united_kingdom", "prefix_1983"): r"[A-HJ-NPR-TV-Y][1-9][0-9]{0,2} [A-HJ-PR-Y]{3}",
    ("united_kingdom", "suffix_1963"): r"[A-HJ-PR-Y]{3} [1-9][0-9]{0,2}[A-HJ-NPR-TV-Y]",
    ("france", "siv"): (rf"(?!SS|WW){FR_LETTER}{{2}}-(?!000)[0-9]{{3}}-(?!SS){FR_LETTER}{{2}}"),
    ("france", "siv_s"): rf"(?!SS|WW){FR_LETTER}{{2}}-(?!000)[0-9]{{3}}-(?!SS)S{FR_LETTER}",
    ("france", "fni_two"): rf"[1-9][0-9]{{0,3}} {FR_LETTER}{{2}} {FR_DEPARTMENT}",
    ("france", "fni_three"): rf"[1-9][0-9]{{1,2}} {FR_LETTER}{{3}} {FR_DEPARTMENT}",
    ("romania", "county"): rf"{RO_COUNTY} (?!00)[0-9]{{2}} {RO_LETTERS}",
    ("romania", "bucharest"): rf"B (?!00)[0-9]{{2}} {RO_LETTERS}",
    ("romania", "bucharest_2010"): rf"B [1-9][0-9]{{2}} {RO_LETTERS}",
    ("romania", "temporary"): rf"(?:B|{RO_COUNTY}) 0[1-9][0-9]{{4}}",
    ("slovakia", "district_2006"): rf"[A-Z]{{2}}-[0-9]{{3}}{SK_LETTER}{{2}}",
    ("slovakia", "district_2004"): rf"[A-Z]{{2}}-[0-9]{{3}}{SK_LETTER}{{2}}",
    ("slovakia", "district_1997"): rf"[A-Z]{{2}}-[0-9]{{3}}{SK_LETTER}{{2}}",
    ("slovakia", "plain_2023"): rf"{SK_LETTER}{{2}}-(?!000)[0-9]{{3}}{SK_LETTER}{{2}}",
    ("czechia", "region_2001"): rf"[1-9][ABCEHJKLMPSTUZ](?:[0-9]|{CZ_LETTER}) [0-9]{{4}}",
    ("czechia", "district_1986"): r"[A-Z]{3} [0-9]{2}-[0-9]{2}",
}


def test_every_shipped_design_has_forms_here_or_in_a_file_of_its_own():
    own = {"sri_lanka", "germany", "poland"}
    assert {design for design, _ in FORMS} | own == set(shipped_designs())


def test_every_series_has_a_form():
    for name in {design for design, _ in FORMS}:
        assert {s.id for s in load_design(name).series} == {s for d, s in FORMS if d == name}


@pytest.mark.parametrize(("name", "series_id"), FORMS)
def test_drawn_registrations_have_the_official_form_and_read_back(name, series_id):
    design = load_design(name)
    series = next(s for s in design.series if s.id == series_id)
    for registration in registrations(series, 1000):
        assert re.fullmatch(FORMS[name, series_id], registration.text), registration.text
        found = series.match(registration.text)
        assert found is not None
        assert found.ocr_text == registration.ocr_text
        assert registration.ocr_text == "".join(c for c in registration.text if c.isalnum())


@pytest.mark.parametrize(("name", "series_id"), FORMS)
def test_every_allowed_letter_is_drawn_at_each_position(name, series_id):
    series = next(s for s in load_design(name).series if s.id == series_id)
    seen = defaultdict(set)
    for registration in registrations(series, 3000):
        for field, value in registration.fields:
            for position, char in enumerate(value):
                seen[field, position].add(char)
    for field in series.fields:
        for position, weights in enumerate(field.characters or ()):
            assert seen[field.name, position] == {c for c, w in weights.items() if w > 0}

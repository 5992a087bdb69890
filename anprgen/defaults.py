# SPDX-License-Identifier: Apache-2.0
"""What commands, calls and configurations take unless they are told otherwise."""

from __future__ import annotations

#: Cycles' samples a pixel. Against 128 samples of the same crops (median rms of square-root
#: brightness, 1 is the 95th percentile) 4 lie 0.026 off, and glyphs' edges are smooth; 2 lie 0.037
#: off. A sensor's noise comes on top of it.
SAMPLES = 4

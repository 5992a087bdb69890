# SPDX-License-Identifier: Apache-2.0
"""What commands, calls and configurations take unless they are told otherwise."""

from __future__ import annotations

#: Cycles' samples a pixel. Guided by albedo and normals, the denoiser comes within 0.029 of the
#: truth with 8 (rms of square-root brightness, 1 is the 95th percentile; the truth: 256 samples),
#: within 0.022 with 16, 0.037 with 4 and 0.054 with 2, where edges become jagged. A sensor's noise
#: comes on top of it, and a crop with 8 costs little more than half of one with 16.
SAMPLES = 8

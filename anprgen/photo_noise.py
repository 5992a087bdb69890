# SPDX-License-Identifier: Apache-2.0
"""A photograph's own noise: how much there is, and the photograph with little of it.

A simulated camera adds its noise to all that it takes. A background that brings some along would
be noisier than the vehicle before it, which is none of what cameras do.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.colour import LUMA

F32 = NDArray[np.float32]

#: Immerkaer, Fast Noise Variance Estimation (1996): blind to slopes and to edges along the axes.
_OPERATOR = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
_FLAT = 0.3  # share of the px that count as flat
_NORMAL = 1.4826  # a normal distribution's standard deviation over its median deviation
#: Less, of the root of white, is rounding: one level of 255.
_LEAST = 1 / 255
#: More is texture, of a picture that is flat nowhere.
_MOST = 12 / 255
#: Of the bilateral filter: its width, px, and how far apart values may be that it averages, in
#: standard deviations of the noise; it adds up the differences of three channels.
_ACROSS_PX, _REACH_PX, _APART = 7, 2.0, 7.0


def noise_of(root: F32) -> float:
    """Standard deviation of the noise of luminance where a picture is flat, in its own units.

    Args:
        root: square root of linear light [h, w, 3], in which noise of photons is alike
            everywhere.
    """
    luma = cv2.transform(root, LUMA.astype(np.float32)[None])
    # A blurred copy says what is flat, so that noise has no say.
    smooth = cv2.GaussianBlur(luma, (0, 0), 2.0)
    slope = cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    usable = (smooth > 0.1) & (smooth < 0.97)  # clipped px have no noise to show
    if usable.sum() < 100:
        return 0.0
    flat = usable & (slope <= np.quantile(slope[usable], _FLAT))
    answer = np.abs(cv2.filter2D(luma, -1, _OPERATOR, borderType=cv2.BORDER_REFLECT_101)[flat])
    return _NORMAL * float(np.median(answer))


def without_noise(light: F32) -> F32:
    """Linear light [h, w, 3] with its own noise averaged away; itself where there is hardly any.

    A bilateral filter (Tomasi and Manduchi, 1998) as wide in values as the noise: edges that
    stand out from it stay, texture that is no stronger than it goes with it.
    """
    root = np.sqrt(np.maximum(light, 0), dtype=np.float32)
    sd = min(noise_of(root), _MOST)
    if sd < _LEAST:
        return light
    root = cv2.bilateralFilter(root, _ACROSS_PX, _APART * sd, _REACH_PX)
    return np.asarray(root * root, np.float32)

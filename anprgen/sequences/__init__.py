# SPDX-License-Identifier: Apache-2.0
"""Sequences: the frames of a dataset that follow each other, the plates' tracks in them, films."""

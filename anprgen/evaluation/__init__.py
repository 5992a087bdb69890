# SPDX-License-Identifier: Apache-2.0
"""Measuring readers: what they read, where they fail, and how sure they may be.

``answers`` reads every crop with every model, ``factors`` says what a picture of ours is like,
``numbers`` counts, ``page`` writes the report; ``run`` puts them together.
"""

# SPDX-License-Identifier: Apache-2.0
"""Sequences: vehicles on paths, a camera on its mount, light that changes, frame by frame.

A sequence is one drawn shot with paths; its frame k is a pure function of it, so frames can be made
alone, in any order, on any worker.
"""

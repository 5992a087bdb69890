# SPDX-License-Identifier: GPL-3.0-or-later
"""Places: ground, houses, trees and what stands at the road, and the pictures on their surfaces."""

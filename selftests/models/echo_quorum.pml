/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Consistency "quorum": a recipient delivers when floor((m + f) / 2) + 1 of the
 * m recipients, itself included, have echoed the digest that it has. Two such
 * quorums have more than f recipients in common, so an honest one, which echoes
 * one digest only. With m > 3f the honest ones are a quorum.
 *
 * NEED can be set to other values, which are wrong. The properties, and what is
 * abstracted, are in exchange.pml.
 */

#ifndef RECIPIENTS
#define RECIPIENTS 4
#endif
#ifndef FAULTY
#define FAULTY 1
#endif
#define HONEST (RECIPIENTS - FAULTY)
#ifndef NEED
#define NEED ((RECIPIENTS + FAULTY) / 2 + 1)
#endif

#include "exchange.pml"

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Consistency "all": a recipient delivers when all recipients have echoed the
 * digest that it has. Any number of them may be faulty, and the sender with
 * them. The properties, and what is abstracted, are in exchange.pml.
 */

#ifndef RECIPIENTS
#define RECIPIENTS 5
#endif
#ifndef HONEST
#define HONEST 2
#endif
#define NEED RECIPIENTS

#include "exchange.pml"

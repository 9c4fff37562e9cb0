/* SPDX-License-Identifier: GPL-2.0 */
/* What the measurements share; and all of them, see the table in scale.c. */
#ifndef _SCALE_H
#define _SCALE_H

#include "../../selftests/pop/kit.h"

#include <err.h>
#include <poll.h>
#include <time.h>

#include "memory.h"

enum { A, B };

#define MANY		POP_MAX_PHASE_ACTIONS
#define SETS		6	/* contracts with three phases of MANY channels */
#define MILLION		(SETS * 3L * MANY)
#define CONTRACTS	10000
#define RUNS		5	/* of what may differ from one to the next */

extern struct kit k;

/* scale.c; times are in ns, and what fails ends the program */
double now(void);
double cpu(void);
void say(const char *name, double value);
void must(int ret, const char *what);
struct kit_body plain(int salt, int parties, int phases, int each);
void add(const struct kit_body *body, int party);
void forget(const struct kit_body *body);
long number_in(const char *path, const char *format);
long kept_bytes(void);

/* contracts.c */
void open_channels(void);
void idle_channels(void);
void contracts_2(void);
void contracts_16(void);
void contracts_64(void);
void install_many(void);

/* units.c */
void units_few(void);
void units_many(void);
void units_contracts(void);

/* exchange.c */
void parties_4(void);
void parties_16(void);
void parties_64(void);
void parties_256(void);
void all_phases(void);
void state_of_many(void);

/* dump.c */
void dump(void);

#endif /* _SCALE_H */

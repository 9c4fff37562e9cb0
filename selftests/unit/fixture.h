/* SPDX-License-Identifier: GPL-2.0 */
/* A directory for a test, and parties with all their keys in it. */
#ifndef _UNIT_FIXTURE_H
#define _UNIT_FIXTURE_H

#include <limits.h>

#include "pop.h"

/**
 * struct fixture - a directory that is removed when the program ends well
 * @dir: its name
 */
struct fixture {
	char dir[64];
};

/* Whatever goes wrong in these ends the program: there is nothing to test. */
void fixture_make(struct fixture *fixture);
void fixture_remove(struct fixture *fixture);

/* Path of @name in the directory, in a buffer of four used in turn. */
const char *fixture_path(const struct fixture *fixture, const char *name);

void fixture_write(const struct fixture *fixture, const char *name,
		   const void *data, size_t len);

/* NAME.key, NAME.secret and NAME.pub of each name, which a space separates. */
void fixture_parties(const struct fixture *fixture, const char *names);

/* Compile @yaml; NULL when it is refused. */
struct pop_contract *fixture_compile(const struct fixture *fixture,
				     const char *yaml, struct pop_error *err);
void fixture_release(struct pop_contract *contract);

extern const char six_party[];

#endif /* _UNIT_FIXTURE_H */

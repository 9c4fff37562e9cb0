/* SPDX-License-Identifier: GPL-2.0 */
/* Deadlines of phases: which inputs are overdue. */
#ifndef _POP_DEADLINE_H
#define _POP_DEADLINE_H

#include "pop.h"

void pop_deadline_enter(struct pop_member *m);
void pop_deadline_work(struct work_struct *work);

#endif /* _POP_DEADLINE_H */

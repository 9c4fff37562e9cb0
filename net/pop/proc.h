/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/pop */
#ifndef _POP_PROC_H
#define _POP_PROC_H

#include "pop.h"

int pop_proc_init(struct pop_net *pn);
void pop_proc_exit(struct pop_net *pn);

#endif /* _POP_PROC_H */

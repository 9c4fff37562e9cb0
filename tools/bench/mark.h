/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions that do nothing but tell plugin.c where to begin to count, and
 * where to end.
 */
#ifndef _POP_BENCH_MARK_H
#define _POP_BENCH_MARK_H

/* nopl 0x??504f50(%rax); the last byte is one of those below */
#define MARK_BYTES	0x0f, 0x1f, 0x80, 0x50, 0x4f, 0x50
#define MARK_START	0x01
#define MARK_STOP	0x02

#define mark(which) \
	asm volatile(".byte 0x0f, 0x1f, 0x80, 0x50, 0x4f, 0x50, %c0" : : \
		     "i" (which) : "memory")

#endif /* _POP_BENCH_MARK_H */

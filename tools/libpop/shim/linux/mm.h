/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POP_SHIM_LINUX_MM_H
#define _POP_SHIM_LINUX_MM_H

#include <stdlib.h>

#define GFP_KERNEL 0

static inline void *kvmalloc_array(size_t n, size_t size, int gfp)
{
	(void)gfp;
	return reallocarray(NULL, n, size);
}

static inline void kvfree(const void *p)
{
	free((void *)p);
}

#endif /* _POP_SHIM_LINUX_MM_H */

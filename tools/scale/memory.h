/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's memory is used for: see /proc/slabinfo, vmallocinfo, meminfo. */
#ifndef _SCALE_MEMORY_H
#define _SCALE_MEMORY_H

#define MEMORY_PARTS	512

/**
 * struct memory - a look at it
 * @free: bytes of MemFree, once caches are dropped
 * @nr: length of @part
 * @part: bytes of a slab cache, or that a function of the module has vmalloc'd
 */
struct memory {
	double	free;
	int	nr;
	struct {
		char	name[48];
		double	bytes;
	} part[MEMORY_PARTS];
};

double memory_of(const struct memory *m, const char *name);
double memory_free(void);
double memory_settled(void);
struct memory memory_now(void);
void say_memory(const char *name, const struct memory *before, double nr);

#endif /* _SCALE_MEMORY_H */

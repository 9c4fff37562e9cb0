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

static inline double memory_of(const struct memory *m, const char *name)
{
	int i;

	for (i = 0; i < m->nr; i++)
		if (!strcmp(m->part[i].name, name))
			return m->part[i].bytes;
	return 0;
}

static inline void memory_add(struct memory *m, const char *name, double bytes)
{
	int i;

	for (i = 0; i < m->nr; i++)
		if (!strcmp(m->part[i].name, name))
			break;
	if (i == m->nr) {
		if (i == MEMORY_PARTS)
			return;
		snprintf(m->part[m->nr++].name, sizeof(m->part->name), "%s",
			 name);
	}
	m->part[i].bytes += bytes;
}

static inline FILE *memory_file(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (!f)
		err(1, "%s", path);
	return f;
}

static inline void memory_slabs(struct memory *m)
{
	FILE *f = memory_file("/proc/slabinfo", "re");
	long pages, slabs;
	char line[512], name[40];

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%39s %*d %*d %*d %*d %ld", name, &pages) == 2 &&
		    strstr(line, "slabdata") &&
		    sscanf(strstr(line, "slabdata"), "slabdata %*d %ld",
			   &slabs) == 1)
			memory_add(m, name, slabs * pages * 4096.0);
	fclose(f);
}

static inline void memory_vmalloc(struct memory *m)
{
	FILE *f = memory_file("/proc/vmallocinfo", "re");
	char line[512], caller[40], name[48];
	long size;

	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "[pop]") ||
		    sscanf(line, "%*s %ld %39[^+ ]", &size, caller) != 2)
			continue;
		snprintf(name, sizeof(name), "vmalloc:%s", caller);
		memory_add(m, name, size - 4096);	/* a guard page */
	}
	fclose(f);
}

static inline double memory_free(void)
{
	FILE *f = memory_file("/proc/meminfo", "re");
	char line[128];
	long kib = 0;

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "MemFree: %ld", &kib) == 1)
			break;
	fclose(f);
	return kib * 1024.0;
}

/* What is freed after a grace period of RCU, or by work, is free then. */
static inline double memory_settled(void)
{
	double before, after = 0;

	do {
		FILE *f = memory_file("/proc/sys/vm/drop_caches", "we");

		before = after;
		fputs("3", f);
		fclose(f);
		usleep(200000);
		after = memory_free();
	} while (after > before);
	return after;
}

static inline struct memory memory_now(void)
{
	struct memory m = {};

	m.free = memory_settled();
	memory_slabs(&m);
	memory_vmalloc(&m);
	return m;
}

#endif /* _SCALE_MEMORY_H */

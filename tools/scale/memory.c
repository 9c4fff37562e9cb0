// SPDX-License-Identifier: GPL-2.0
/* What the kernel's memory is used for. */
#include "scale.h"

double memory_of(const struct memory *m, const char *name)
{
	int i;

	for (i = 0; i < m->nr; i++)
		if (!strcmp(m->part[i].name, name))
			return m->part[i].bytes;
	return 0;
}

static void memory_add(struct memory *m, const char *name, double bytes)
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

static FILE *memory_file(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (!f)
		err(1, "%s", path);
	return f;
}

static void memory_slabs(struct memory *m)
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

static void memory_vmalloc(struct memory *m)
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

double memory_free(void)
{
	return number_in("/proc/meminfo", "MemFree: %ld") * 1024.0;
}

/* What is freed after a grace period of RCU, or by work, is free then. */
double memory_settled(void)
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

struct memory memory_now(void)
{
	struct memory m = {};

	m.free = memory_settled();
	memory_slabs(&m);
	memory_vmalloc(&m);
	return m;
}

/* What @nr objects cost: "NAME-bytes", and where it is in "NAME-by-CACHE". */
void say_memory(const char *name, const struct memory *before, double nr)
{
	struct memory after = memory_now();
	char text[128];
	int i;

	snprintf(text, sizeof(text), "%s-bytes", name);
	say(text, (before->free - after.free) / nr);
	for (i = 0; i < after.nr; i++) {
		double more = after.part[i].bytes -
			      memory_of(before, after.part[i].name);

		if (more / nr < 0.5)
			continue;
		snprintf(text, sizeof(text), "%s-by-%s", name,
			 after.part[i].name);
		say(text, more / nr);
	}
}

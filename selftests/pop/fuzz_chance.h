/* SPDX-License-Identifier: GPL-2.0 */
/* Chance that can be had again: numbers, noise, and what is nearly right. */
#ifndef _FUZZ_CHANCE_H
#define _FUZZ_CHANCE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))

struct dice {
	uint64_t x;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	d->x ^= d->x << 13;
	d->x ^= d->x >> 7;
	d->x ^= d->x << 17;
	return (d->x >> 16) % sides;
}

/* One time in @n. */
static bool one_in(struct dice *d, uint32_t n)
{
	return !roll(d, n);
}

static struct dice dice(uint64_t seed, uint64_t who)
{
	struct dice d = { (seed + 1) * 0x9e3779b97f4a7c15 + who * 0xbf58476d1ce4e5b9 };
	int i;

	d.x |= 1;
	for (i = 0; i < 16; i++)
		roll(&d, 2);
	return d;
}

static uint32_t edge(struct dice *d)
{
	static const uint32_t edges[] = {
		0, 1, 2, 3, 4, 7, 8, 31, 32, 33, 63, 64, 255, 256, 1023, 1024,
		2047, 2048, 2049, 4096, 65534, 65535, 65536, 0x7ffffffe,
		0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	};

	return edges[roll(d, ARRAY_LEN(edges))];
}

static uint32_t small_or_edge(struct dice *d, uint32_t small)
{
	return one_in(d, 6) ? edge(d) : roll(d, small);
}

static void noise(struct dice *d, void *data, size_t len)
{
	uint8_t *p = data;

	while (len--)
		*p++ = roll(d, 256);
}

static void mutate(struct dice *d, uint8_t *data, size_t *len, size_t room)
{
	size_t at = *len ? roll(d, *len) : 0;
	uint32_t value = edge(d);

	switch (roll(d, 6)) {
	case 0:
	case 1:
		if (*len)
			data[at] ^= 1 << roll(d, 8);
		break;
	case 2:
		if (*len)
			data[at] = value;
		break;
	case 3:		/* a field */
		if (*len >= 4)
			memcpy(data + (roll(d, *len - 3) & ~3), &value, 4);
		break;
	case 4:
		*len = at;
		break;
	case 5:
		at = roll(d, 64);
		if (*len + at <= room) {
			noise(d, data + *len, at);
			*len += at;
		}
		break;
	}
}

#endif /* _FUZZ_CHANCE_H */

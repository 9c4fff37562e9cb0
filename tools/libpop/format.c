// SPDX-License-Identifier: GPL-2.0
/* Values as the contract language writes them. */

#include "internal.h"

const char *pop_format_duration(char text[POP_DURATION_LEN], u64 seconds)
{
	static const struct {
		u32 seconds;
		char letter;
	} units[] = {
		{ 24 * 60 * 60, 'd' },
		{ 60 * 60, 'h' },
		{ 60, 'm' },
		{ 1, 's' },
	};
	size_t len = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (seconds >= units[i].seconds)
			len += snprintf(text + len, POP_DURATION_LEN - len,
					"%llu%c",
					(unsigned long long)seconds /
					units[i].seconds,
					units[i].letter);
		seconds %= units[i].seconds;
	}
	if (!len)
		snprintf(text, POP_DURATION_LEN, "0s");
	return text;
}

/* Hours have no days: 40h is what an employee knows. */
const char *pop_format_minutes(char text[POP_DURATION_LEN], u64 minutes)
{
	unsigned long long hours = minutes / 60;
	u32 rest = minutes % 60;

	if (hours && rest)
		snprintf(text, POP_DURATION_LEN, "%lluh%um", hours, rest);
	else if (rest)
		snprintf(text, POP_DURATION_LEN, "%um", rest);
	else
		snprintf(text, POP_DURATION_LEN, "%lluh", hours);
	return text;
}

const char *pop_format_size(char text[POP_SIZE_LEN], u32 bytes)
{
	if (!(bytes % (1 << 20)))
		snprintf(text, POP_SIZE_LEN, "%uM", bytes >> 20);
	else if (!(bytes % (1 << 10)))
		snprintf(text, POP_SIZE_LEN, "%uK", bytes >> 10);
	else
		snprintf(text, POP_SIZE_LEN, "%u", bytes);
	return text;
}

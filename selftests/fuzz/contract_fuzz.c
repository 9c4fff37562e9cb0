// SPDX-License-Identifier: GPL-2.0
/*
 * The contract language: a text that somebody else wrote.
 *
 * Options: -max_len=4096
 * Runs: 60000
 */
#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/*
 * An author is told where: also of what the codec would refuse afterwards, which
 * could only say that.
 */
static void check_refused(const struct pop_error *err)
{
	unsigned int line, column;

	fuzz_check_error(err, "c.yaml");
	CHECK(sscanf(err->text, "c.yaml:%u:%u: ", &line, &column) == 2);
	CHECK(line && column);
}

void fuzz_one(const u8 *data, size_t len)
{
	struct pop_error err = {};
	struct pop_codec_error why;
	struct pop_plan plan;
	void *body, *again;
	u32 body_len, again_len;
	int ret;

	fuzz_file(data, len);
	ret = pop_compile("c.yaml", &body, &body_len, &err);
	if (ret) {
		CHECK(ret < 0 && !body);
		check_refused(&err);
		return;
	}
	fuzz_accept();
	CHECK(!pop_plan_decode(&plan, body, body_len, &why));
	fuzz_check_plan(&plan, body_len);
	fuzz_show_plan(&plan);
	pop_plan_release(&plan);

	/* One text, one body. */
	CHECK(!pop_compile("c.yaml", &again, &again_len, &err));
	CHECK(again_len == body_len && !memcmp(again, body, body_len));
	free(again);
	free(body);
}

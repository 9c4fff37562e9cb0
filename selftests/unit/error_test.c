// SPDX-License-Identifier: GPL-2.0
/* Every mistake in a contract is found, and said with its place. */

#include <linux/kernel.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "tap.h"

#define CONTRACT_KEYS \
	"contract, faulty, skew, gate, advance, parties, phases"
#define ACTION_KEYS \
	"name, from, to, same, consistency, evidence, late, kind, job, " \
	"count, hours, max"
#define PARTIES \
	"parties: {a: a.pub, b: b.pub, c: c.pub, d: d.pub}\n"
#define HEAD "contract: c\n" PARTIES "phases:\n"
#define PHASE(text) HEAD "  - {" text "actions: [{name: n, from: a, to: b}]}\n"
/* what a may dispute stands at 2:38; phases go x, y, one without a name */
#define DISPUTES(text) \
	"contract: c\nparties: {a: {card: a.pub, disputes: " text "}, b: b.pub}\n" \
	"phases:\n" \
	"  - {name: y, after: x, actions: [{name: n, from: a, to: b}]}\n" \
	"  - {name: x, actions: [{name: n, from: a, to: b}]}\n" \
	"  - {actions: [{name: n, from: a, to: b}]}\n"
/* an action in line 5, its first key in column 10 */
#define ACTION(text) HEAD "  - actions:\n      - {" text "}\n"
#define WITH(text) ACTION("name: n, from: a, to: b, " text)

static const struct mistake {
	const char *yaml;
	const char *message;	/* behind the file's name */
} mistakes[] = {
	/* The file. */
	{ "", "1:1: the file is empty" },
	{ "# nothing but this\n", "2:1: the file is empty" },
	{ "%YAML 1.1\n---\n" PHASE(""),
	  "1:1: directives are not part of the language" },
	{ PHASE("") "---\nmore: 1\n",
	  "5:1: a second document; a file holds one" },
	{ "contract: &x c\n", "1:11: anchors are not part of the language" },
	{ "contract: &x [c]\n", "1:11: anchors are not part of the language" },
	{ "contract: &x {}\n", "1:11: anchors are not part of the language" },
	{ "contract: *x\n", "1:11: aliases are not part of the language" },
	{ "contract: !!str c\n", "1:11: tags are not part of the language" },
	{ "contract: ! c\n", "1:11: tags are not part of the language" },
	{ "contract: !x [c]\n", "1:11: tags are not part of the language" },
	{ "contract: c\n<<: {}\n",
	  "2:1: a contract has no \"<<\"; it has " CONTRACT_KEYS },
	{ "contract: {c\nfaulty: 0\n",
	  "2:7: did not find expected ',' or '}'" },
	{ "contract: c\n\tfaulty: 0\n",
	  "2:1: found a tab character that violates indentation" },
	{ "contract: \"c\n", "2:1: found unexpected end of stream" },
	{ "contract: c\nfaulty: \xff\n",
	  "2:9: invalid leading UTF-8 octet" },
	{ "contract: \"\\0\"\n", "1:11: a zero byte in a value" },
	{ "contract: [[[[[[[[[x]]]]]]]]]\n", "1:18: nested too deeply" },
	{ "[contract]: c\n", "1:1: a key must be a word" },
	{ "just words\n",
	  "1:1: a contract is a mapping (key: value), not a single value" },
	{ "- a\n- list\n",
	  "1:1: a contract is a mapping (key: value), not a list" },
	{ "{}\n", "1:1: a contract is empty" },

	/* Keys. */
	{ "contract: c\nparties: {a: a.pub}\ncontract: c\n",
	  "3:1: \"contract\" stands here twice" },
	{ "contract: c\ncontact: d\n" PARTIES,
	  "2:1: a contract has no \"contact\"; it has " CONTRACT_KEYS },
	{ PARTIES "phases: []\n", "1:1: a contract needs \"contract\"" },
	{ "contract: c\nphases: []\n", "1:1: a contract needs \"parties\"" },
	{ "contract: c\n" PARTIES, "1:1: a contract needs \"phases\"" },
	{ PHASE("deadlin: 2h, "),
	  "4:6: a phase has no \"deadlin\"; it has name, after, deadline, gate, actions" },
	{ PHASE("gate: local, gate: local, "),
	  "4:19: \"gate\" stands here twice" },
	{ HEAD "  - deadline: 2h\n", "4:5: a phase needs \"actions\"" },
	{ WITH("hous: 8h"),
	  "5:35: an action has no \"hous\"; it has " ACTION_KEYS },
	{ WITH("to: c"), "5:35: \"to\" stands here twice" },
	{ ACTION("from: a, to: b"), "5:9: an action needs \"name\"" },
	{ ACTION("name: n, to: b"), "5:9: an action needs \"from\"" },
	{ ACTION("name: n, from: a"), "5:9: an action needs \"to\"" },

	/* Names. */
	{ "contract:\n" PARTIES "phases: []\n",
	  "1:10: the contract's name is empty" },
	{ "contract: [c]\n" PARTIES "phases: []\n",
	  "1:11: the contract's name is a single value, not a list" },
	{ "contract: Six\n" PARTIES "phases: []\n",
	  "1:11: the contract's name \"Six\" may have a-z, 0-9, '-', '_' and '.' only" },
	{ "contract: two words\n" PARTIES "phases: []\n",
	  "1:11: the contract's name \"two words\" may have a-z, 0-9, '-', '_' and '.' only" },
	{ "contract: \"\\e[31m\"\n" PARTIES "phases: []\n",
	  "1:11: the contract's name \"?[31m\" may have a-z, 0-9, '-', '_' and '.' only" },
	{ "contract: abcdefghijklmnopqrstuvwx\n" PARTIES "phases: []\n",
	  "1:11: the contract's name \"abcdefghijklmnopqrstuvwx\" is longer than 23 characters" },
	{ "contract: c\nparties: {a/b: a.pub, c: c.pub}\nphases: []\n",
	  "2:11: a party's name \"a/b\" may have a-z, 0-9, '-', '_' and '.' only" },
	{ PHASE("name: No, "),
	  "4:12: a phase's name \"No\" may have a-z, 0-9, '-', '_' and '.' only" },
	{ ACTION("name: {}, from: a, to: b"),
	  "5:16: an action's name is a single value, not a mapping (key: value)" },
	{ ACTION("name: n%d, from: a, to: b"),
	  "5:16: an action's name \"n%d\" may have a-z, 0-9, '-', '_' and '.' only" },

	/* Parties. */
	{ "contract: c\nparties: [a, b]\nphases: []\n",
	  "2:10: \"parties\" is a mapping (key: value), not a list" },
	{ "contract: c\nparties: {}\nphases: []\n",
	  "2:10: \"parties\" is empty" },
	{ "contract: c\nparties: {a: a.pub}\nphases: []\n",
	  "2:10: a contract needs two parties" },
	{ "contract: c\nparties:\n  a: a.pub\n  b: b.pub\n  a: c.pub\nphases: []\n",
	  "5:3: \"a\" stands here twice" },
	{ "contract: c\nparties: {a: a.pub, b: [b.pub]}\nphases: []\n",
	  "2:24: a party's card is a single value, not a list" },
	{ "contract: c\nparties: {a: a.pub, b: none.pub}\nphases: []\n",
	  "2:24: DIR/none.pub: No such file or directory" },
	{ "contract: c\nparties: {a: a.pub, b: b.key}\nphases: []\n",
	  "2:24: DIR/b.key:1:1: this is no pop-card" },
	{ "contract: c\nparties: {a: a.pub, b: forged.pub}\nphases: []\n",
	  "2:24: DIR/forged.pub: the signature of this card does not hold; "
	  "ask its owner for another" },
	{ "contract: c\nparties: {a: a.pub, b: short.pub}\nphases: []\n",
	  "2:24: DIR/short.pub:3:1: here is a line missing with key" },
	{ "contract: c\nparties: {b: a.pub, a: a.pub}\nphases: []\n",
	  "2:24: b and a have the same key; each party needs a card of its own" },
	{ "contract: c\nparties: {a: a.pub, b: .}\nphases: []\n",
	  "2:24: DIR/.: not a regular file" },

	{ "contract: c\nparties: {a: {}, b: b.pub}\nphases: []\n",
	  "2:14: a party is empty" },
	{ "contract: c\nparties: {a: {disputes: all}, b: b.pub}\nphases: []\n",
	  "2:14: a party needs \"card\"" },
	{ "contract: c\nparties: {a: {card: a.pub, dispute: all}, b: b.pub}\nphases: []\n",
	  "2:28: a party has no \"dispute\"; it has card, disputes" },
	{ "contract: c\nparties: {a: {card: a.pub, card: a.pub}, b: b.pub}\nphases: []\n",
	  "2:28: \"card\" stands here twice" },
	{ "contract: c\nparties: {a: {card: [a.pub]}, b: b.pub}\nphases: []\n",
	  "2:21: a party's card is a single value, not a list" },
	{ "contract: c\nparties: {a: {card: none.pub}, b: b.pub}\nphases: []\n",
	  "2:21: DIR/none.pub: No such file or directory" },
	{ "contract: c\nparties: {b: a.pub, a: {card: a.pub}}\nphases: []\n",
	  "2:31: b and a have the same key; each party needs a card of its own" },

	/* Disputes. */
	{ DISPUTES("z"), "2:38: no phase has the name \"z\"" },
	{ DISPUTES("0"), "2:38: no phase has the name \"0\"" },
	{ DISPUTES("none"), "2:38: no phase has the name \"none\"" },
	{ DISPUTES(""), "2:38: the name of a phase is empty" },
	{ DISPUTES("{x: y}"),
	  "2:38: the name of a phase is a single value, not a mapping (key: value)" },
	{ DISPUTES("[]"),
	  "2:38: two phases are wanted here, the first and the last" },
	{ DISPUTES("[x]"),
	  "2:38: two phases are wanted here, the first and the last" },
	{ DISPUTES("[all]"),
	  "2:38: two phases are wanted here, the first and the last" },
	{ DISPUTES("[x, y, y]"),
	  "2:38: two phases are wanted here, the first and the last" },
	{ DISPUTES("[all, all]"), "2:39: no phase has the name \"all\"" },
	{ DISPUTES("[z, y]"), "2:39: no phase has the name \"z\"" },
	{ DISPUTES("[x, z]"), "2:42: no phase has the name \"z\"" },
	{ DISPUTES("[x, [y]]"),
	  "2:42: the name of a phase is a single value, not a list" },
	/* in the order in which the phases go, not as they are listed */
	{ DISPUTES("[y, x]"), "2:42: phase \"x\" comes before \"y\"" },

	/* Numbers, durations, words. */
	{ "contract: c\nfaulty: 2\n" PARTIES "phases: []\n",
	  "2:9: 2 faulty parties need 7 parties, and there are 4" },
	{ "contract: c\nfaulty: -1\n" PARTIES "phases: []\n",
	  "2:9: a number is wanted here" },
	{ "contract: c\nfaulty: \"1\"\n" PARTIES "phases: []\n",
	  "2:9: a number is wanted here" },
	{ "contract: c\nfaulty: 4294967297\n" PARTIES "phases: []\n",
	  "2:9: 4294967297 is not within 0..1024" },
	{ "contract: c\nskew: 30\n" PARTIES "phases: []\n",
	  "2:7: a duration is wanted here, like 30s, 8h or 1h30m" },
	{ "contract: c\nskew: 30m1h\n" PARTIES "phases: []\n",
	  "2:7: a duration is wanted here, like 30s, 8h or 1h30m" },
	{ "contract: c\nskew: 1h1h\n" PARTIES "phases: []\n",
	  "2:7: a duration is wanted here, like 30s, 8h or 1h30m" },
	{ "contract: c\nskew: 1w\n" PARTIES "phases: []\n",
	  "2:7: a duration is wanted here, like 30s, 8h or 1h30m" },
	{ "contract: c\nskew: [1h]\n" PARTIES "phases: []\n",
	  "2:7: a duration is wanted here, like 30s, 8h or 1h30m" },
	{ "contract: c\nskew: 4294967296s\n" PARTIES "phases: []\n",
	  "2:7: 4294967296s is too long" },
	{ "contract: c\nskew: 99999999999999999999d\n" PARTIES "phases: []\n",
	  "2:7: 99999999999999999999d is too long" },
	{ "contract: c\ngate: both\n" PARTIES "phases: []\n",
	  "2:7: local or global is wanted here" },
	{ "contract: c\nadvance: yes\n" PARTIES "phases: []\n",
	  "2:10: auto or manual is wanted here" },
	{ PHASE("deadline: 0s, "),
	  "4:16: no time at all; leave it out when there is no deadline" },
	{ PHASE("deadline: , "),
	  "4:16: a duration is wanted here, like 30s, 8h or 1h30m" },
	{ PHASE("gate: {}, "), "4:12: local or global is wanted here" },
	{ WITH("same: yes"), "5:41: true or false is wanted here" },
	{ WITH("same: \"true\""), "5:41: true or false is wanted here" },
	{ WITH("consistency: some"),
	  "5:48: detect or all or quorum is wanted here" },
	{ WITH("consistency: all"),
	  "5:48: consistency all needs \"same: true\"" },
	{ WITH("same: false, consistency: quorum"),
	  "5:61: consistency quorum needs \"same: true\"" },
	{ "faulty: 1\n" WITH("same: true, consistency: quorum"),
	  "6:60: consistency quorum with 1 faulty needs 4 recipients, and there are 1" },
	{ WITH("evidence: none"), "5:45: mac or seal or each is wanted here" },
	{ WITH("late: maybe"), "5:41: wait or vote is wanted here" },
	{ WITH("kind: gold"), "5:41: data or money or job is wanted here" },
	{ WITH("job: 4294967296"),
	  "5:40: 4294967296 is not within 0..4294967295" },
	{ WITH("job: 0x10"), "5:40: a number is wanted here" },
	{ WITH("job: 010"), "5:40: a number is wanted here" },
	{ WITH("count: 0"), "5:42: 0 is not within 1..16777216" },
	{ WITH("count: 16777217"), "5:42: 16777217 is not within 1..16777216" },
	{ WITH("hours: 8"),
	  "5:42: a duration is wanted here, like 30s, 8h or 1h30m" },
	{ WITH("hours: 1.5h"),
	  "5:42: a duration is wanted here, like 30s, 8h or 1h30m" },
	{ WITH("hours: 90s"), "5:42: hours are counted in whole minutes" },
	{ WITH("hours: 71582789h"), "5:42: 71582789h is too long" },
	{ WITH("max: 0"), "5:40: a message needs room for a byte" },
	{ WITH("max: 17M"),
	  "5:40: 17M is too large; 16777216 bytes are possible" },
	{ WITH("max: 18446744073709551616"),
	  "5:40: 18446744073709551616 is too large; 16777216 bytes are possible" },
	{ WITH("max: 64k"),
	  "5:40: a size is wanted here, like 1200, 64K or 16M" },
	{ WITH("max: 64KB"),
	  "5:40: a size is wanted here, like 1200, 64K or 16M" },

	/* Who sends to whom. */
	{ ACTION("name: n, from: x, to: b"),
	  "5:25: \"x\" is not among the parties" },
	{ ACTION("name: n, from: [a], to: b"),
	  "5:25: a party is a single value, not a list" },
	{ ACTION("name: n, from: a, to: [b, x]"),
	  "5:36: \"x\" is not among the parties" },
	{ ACTION("name: n, from: a, to: [b, [c]]"),
	  "5:36: a party is a single value, not a list" },
	{ ACTION("name: n, from: a, to: {b: c}"),
	  "5:32: a party is a single value, not a mapping (key: value)" },
	{ ACTION("name: n, from: a, to: []"),
	  "5:32: an action needs a recipient" },
	{ ACTION("name: n, from: a, to: a"),
	  "5:32: a cannot send to itself" },
	{ ACTION("name: n, from: a, to: [b, c, a]"),
	  "5:39: a cannot send to itself" },
	{ ACTION("name: n, from: a, to: [b, c, b]"),
	  "5:39: b is a recipient already" },

	/* Phases and actions. */
	{ HEAD, "3:8: \"phases\" is a list, not a single value" },
	{ "contract: c\n" PARTIES "phases: []\n",
	  "3:9: \"phases\" is empty" },
	{ HEAD "  - word\n",
	  "4:5: a phase is a mapping (key: value), not a single value" },
	{ HEAD "  - actions: []\n", "4:14: \"actions\" is empty" },
	{ HEAD "  - actions: {n: n}\n",
	  "4:14: \"actions\" is a list, not a mapping (key: value)" },
	{ HEAD "  - actions: [word]\n",
	  "4:15: an action is a mapping (key: value), not a single value" },
	{ HEAD "  - actions:\n"
	  "      - {name: n, from: a, to: b}\n"
	  "      - {name: m, from: a, to: b}\n"
	  "      - {name: n, from: b, to: c}\n",
	  "7:16: the phase has a \"n\" already" },
	{ HEAD
	  "  - {name: x, actions: [{name: n, from: a, to: b}]}\n"
	  "  - {name: y, actions: [{name: n, from: a, to: b}]}\n"
	  "  - {name: x, actions: [{name: n, from: a, to: b}]}\n",
	  "6:5: there is a phase \"x\" already" },
	{ PHASE("after: x, "), "4:13: no phase has the name \"x\"" },
	{ PHASE("after: [{}], "),
	  "4:14: the name of a phase is a single value, not a mapping (key: value)" },
	{ PHASE("name: x, after: x, "),
	  "4:22: phase \"x\" would come before itself" },
	{ HEAD
	  "  - {name: x, actions: [{name: n, from: a, to: b}]}\n"
	  "  - {after: [x, x], actions: [{name: n, from: a, to: b}]}\n",
	  "5:17: \"x\" stands here twice" },
	{ HEAD
	  "  - {name: x, actions: [{name: n, from: a, to: b}]}\n"
	  "  - {name: y, after: [x, z], actions: [{name: n, from: a, to: b}]}\n"
	  "  - {name: z, after: w, actions: [{name: n, from: a, to: b}]}\n"
	  "  - {name: w, after: [x, y], actions: [{name: n, from: a, to: b}]}\n",
	  "6:22: phase \"z\" would come before itself" },

	/* Limits of the contract as a whole. */
	{ HEAD "  - actions:\n"
	  "      - {name: m, from: a, to: [b, c], count: 8388608}\n"
	  "      - {name: n, from: a, to: b}\n",
	  "6:16: a contract has at most 16777216 messages, counted per recipient" },
	{ HEAD "  - actions:\n"
	  "      - {name: m, from: a, to: b, hours: 71582788h}\n"
	  "      - {name: n, from: b, to: a, hours: 16m}\n",
	  "6:16: a contract has at most 71582788h15m" },
};

static bool starts_with(const char **text, const char *start)
{
	size_t len = strlen(start);

	if (strncmp(*text, start, len))
		return false;
	*text += len;
	return true;
}

/* @message is what came, and "DIR" in @want where the fixture is. */
static bool matches(const struct fixture *fixture, const char *message,
		    const char *want)
{
	const char *dir = strstr(want, "DIR");
	char text[1024];

	if (!starts_with(&message, fixture_path(fixture, "c.yaml:")))
		return false;
	snprintf(text, sizeof(text), "%.*s%s%s",
		 dir ? (int)(dir - want) : (int)strlen(want), want,
		 dir ? fixture->dir : "", dir ? dir + 3 : "");
	return !strcmp(message, text);
}

static void test_mistake(const struct fixture *fixture,
			 const struct mistake *mistake)
{
	struct pop_contract *contract;
	struct pop_error err;

	contract = fixture_compile(fixture, mistake->yaml, &err);
	if (!tap(!contract && matches(fixture, err.text, mistake->message),
		 "%s", mistake->message))
		diag("%s", contract ? "compiled" : err.text);
	if (contract)
		fixture_release(contract);
}

/* @nr phases, or actions in one phase, or parties; then what must be said. */
static void test_limit(const struct fixture *fixture, const char *head,
		       const char *item, u32 nr, const char *tail,
		       const char *message)
{
	struct mistake mistake = { .message = message };
	size_t size = 4096 + nr * (strlen(item) + 16);
	char *yaml = malloc(size);
	size_t len;
	u32 i;

	len = snprintf(yaml, size, "%s", head);
	for (i = 0; i < nr; i++) {
		/* the item's %u is the number */
		const char *number = strstr(item, "%u");
		int before = number ? number - item : (int)strlen(item);

		len += snprintf(yaml + len, size - len, "%.*s", before, item);
		if (number)
			len += snprintf(yaml + len, size - len, "%u%s", i,
					number + 2);
	}
	snprintf(yaml + len, size - len, "%s", tail);
	mistake.yaml = yaml;
	test_mistake(fixture, &mistake);
	free(yaml);
}

static void test_limits(const struct fixture *fixture)
{
	test_limit(fixture, "contract: c\nphases: []\nparties:\n",
		   "  p%u: a.pub\n", POP_MAX_PARTIES + 1, "",
		   "1028:3: a contract has at most 1024 parties");
	test_limit(fixture, HEAD,
		   "  - {actions: [{name: n, from: a, to: b}]}\n",
		   POP_MAX_PHASES + 1, "",
		   "65539:5: a contract has at most 65535 phases");
	test_limit(fixture, HEAD "  - actions:\n",
		   "      - {name: n%u, from: a, to: b}\n",
		   POP_MAX_PHASE_ACTIONS + 1, "",
		   "65540:9: a phase has at most 65535 actions");
}

/* Files that are nearly cards. */
static void make_bad_cards(const struct fixture *fixture)
{
	char card[1024], *signature;
	FILE *file = fopen(fixture_path(fixture, "b.pub"), "r");
	size_t len = fread(card, 1, sizeof(card) - 1, file);

	fclose(file);
	card[len] = '\0';
	fixture_write(fixture, "short.pub", card,
		      strstr(card, "key") - card);
	signature = strstr(card, "signature ") + strlen("signature ");
	*signature = *signature == '0' ? '1' : '0';
	fixture_write(fixture, "forged.pub", card, len);
}

int main(void)
{
	struct fixture fixture;
	size_t i;

	fixture_make(&fixture);
	fixture_parties(&fixture, "a b c d");
	make_bad_cards(&fixture);
	for (i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++)
		test_mistake(&fixture, &mistakes[i]);
	test_limits(&fixture);
	fixture_remove(&fixture);
	return tap_done();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * pop contract: the commands on files, and who does the others: contract_show.c
 * shows what a file says, contract_netlink.c has all that is in the kernel.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "contract.h"
#include "join.h"
#include "pop.h"
#include "print.h"

static const char help[] =
	"Usage: pop contract compile FILE.yaml [ output FILE.pop ]\n"
	"       pop contract sign FILE.pop key FILE.key [ secret FILE.secret ]\n"
	"                         [ output FILE.sig ]\n"
	"       pop contract verify FILE.pop SIGNATURE...\n"
	"       pop contract show FILE.pop\n"
	"       pop contract profile FILE.pop [ party PARTY ]\n"
	"       pop contract graph FILE.pop [ format { text | dot | svg } ]\n";

/* @path with its last suffix, if it has one, replaced. */
static int replace_suffix(char result[PATH_MAX], const char *path,
			  const char *suffix)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');
	int len = dot ? dot - path : (int)strlen(path);

	if (snprintf(result, PATH_MAX, "%.*s%s", len, path, suffix) >= PATH_MAX)
		return error("%s: %s", path, strerror(ENAMETOOLONG));
	return CMD_OK;
}

int contract_file(struct pop_contract *contract, const struct arg *args,
		  int argc, char **argv)
{
	struct pop_error err;

	if (!argc)
		return error("which file? Try \"pop contract help\"");
	if (args_parse(args, argc - 1, argv + 1))
		return CMD_FAILED;
	if (pop_contract_read(contract, argv[0], &err))
		return error("%s", err.text);
	return CMD_OK;
}

static int compile(int argc, char **argv)
{
	const char *output = NULL;
	const struct arg args[] = {
		{ .name = "output", .value = &output },
		{}
	};
	u8 hash[POP_HASH_LEN];
	struct pop_error err;
	char path[PATH_MAX];
	void *body;
	u32 len;
	int ret;

	if (!argc)
		return error("which file? Try \"pop contract help\"");
	if (args_parse(args, argc - 1, argv + 1))
		return CMD_FAILED;
	if (!output) {
		if (replace_suffix(path, argv[0], ".pop"))
			return CMD_FAILED;
		output = path;
	}
	if (pop_compile(argv[0], &body, &len, &err))
		return error("%s", err.text);
	pop_contract_hash(hash, body, len);
	ret = pop_contract_write(body, len, output, &err);
	free(body);
	if (ret)
		return error("%s", err.text);
	print_open_object();
	print_string("file", "%s:", output);
	print_hex("hash", " contract %s", hash, sizeof(hash));
	print_uint("bytes", " bytes %u", len);
	print_close_object();
	return CMD_OK;
}

static bool is_contract_key(const char *path,
			    const struct pop_contract *contract)
{
	struct pop_contract_key key;
	struct pop_error err;
	bool is;

	is = !pop_contract_key_read(&key, path, &err) &&
	     pop_party_by_key(&contract->plan, key.public) >= 0;
	pop_wipe(&key, sizeof(key));
	return is;
}

/*
 * The secret of the contract key is looked for beside the identity, where "pop
 * key card" leaves it: NAME.CONTRACT.secret or NAME.secret. Where neither is the
 * key of the contract, the first that is there serves to say so.
 */
static int find_secret(char path[PATH_MAX], const char *key,
		       const struct pop_contract *contract)
{
	char own[POP_NAME_LEN + sizeof("..secret")], candidate[PATH_MAX];
	const char * const suffixes[] = { own, ".secret" };
	bool found = false;
	size_t i;

	sprintf(own, ".%s.secret", (const char *)contract->plan.body->name);
	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (replace_suffix(candidate, key, suffixes[i]))
			return CMD_FAILED;
		if (access(candidate, F_OK))
			continue;
		if (!found || is_contract_key(candidate, contract))
			strcpy(path, candidate);
		found = true;
	}
	if (!found)
		return error("%s: your contract key is not there; give \"secret FILE\"",
			     candidate);
	return CMD_OK;
}

/* @secret: the file that @key is from */
struct signer {
	struct pop_identity identity;
	struct pop_contract_key key;
	const char *secret;
};

static int sign_as(struct pop_contract *contract, const struct signer *signer,
		   const char *file, const char *output)
{
	u8 signature[POP_SIGNATURE_LEN];
	char path[PATH_MAX], suffix[POP_NAME_LEN + sizeof("..sig")];
	struct pop_error err;
	int party;

	party = pop_party_by_identity(&contract->plan, signer->identity.public);
	if (party >= 0 && !output) {
		sprintf(suffix, ".%s.sig", party_name(&contract->plan, party));
		if (replace_suffix(path, file, suffix))
			return CMD_FAILED;
		output = path;
	}
	party = pop_contract_sign(contract, &signer->identity, &signer->key,
				  output, signature, &err);
	if (party == -EKEYREJECTED)
		return error("%s: %s", signer->secret, err.text);
	if (party < 0)
		return error("%s", err.text);
	print_open_object();
	print_string("file", "%s:", output);
	print_hex("hash", " contract %s", contract->hash, POP_HASH_LEN);
	print_string("party", " party %s", party_name(&contract->plan, party));
	print_hex("signature", NULL, signature, POP_SIGNATURE_LEN);
	print_close_object();
	return CMD_OK;
}

static int sign_by(struct pop_contract *contract, const char *key_path,
		   const char *secret_path, const char *file,
		   const char *output)
{
	struct signer signer = { .secret = secret_path };
	struct pop_error err;
	int ret;

	if (pop_identity_read(&signer.identity, key_path, &err) ||
	    pop_contract_key_read(&signer.key, secret_path, &err))
		ret = error("%s", err.text);
	else
		ret = sign_as(contract, &signer, file, output);
	pop_wipe(&signer, sizeof(signer));
	return ret;
}

static int sign(int argc, char **argv)
{
	const char *key = NULL, *secret = NULL, *output = NULL;
	const struct arg args[] = {
		{ .name = "key", .value = &key },
		{ .name = "secret", .value = &secret },
		{ .name = "output", .value = &output },
		{}
	};
	struct pop_contract contract;
	char path[PATH_MAX];
	int ret = CMD_OK;

	if (contract_file(&contract, args, argc, argv))
		return CMD_FAILED;
	if (!key)
		ret = error("by which identity? Give \"key FILE\"");
	if (!ret && !secret) {
		ret = find_secret(path, key, &contract);
		secret = path;
	}
	if (!ret)
		ret = sign_by(&contract, key, secret, argv[0], output);
	pop_contract_release(&contract);
	return ret;
}

static int verify(int argc, char **argv)
{
	static const struct arg none[] = { {} };
	struct pop_contract contract;
	struct pop_error err;
	int ret = 0, i;

	if (contract_file(&contract, none, argc ? 1 : 0, argv))
		return CMD_FAILED;
	for (i = 1; i < argc && !ret; i++)
		ret = pop_contract_add_signatures(&contract, argv[i], &err);
	if (!ret)
		ret = pop_contract_verify(&contract, &err);
	print_open_object();
	print_string("file", "%s:", argv[0]);
	print_hex("hash", " contract %s", contract.hash, POP_HASH_LEN);
	print_bool("valid", NULL, ret >= 0);
	print_uint("level", ret >= 0 ? " valid at level %u" :
		   " refused at level %u", POP_LEVEL_SIGNED);
	if (ret < 0)
		print_string("reason", ": %s", err.text);
	print_uint("signatures", NULL, contract.nr_signatures);
	print_uint("parties", NULL, contract.plan.nr_parties);
	print_close_object();
	pop_contract_release(&contract);
	if (ret < 0)
		return error("%s: not valid", argv[0]);
	return CMD_OK;
}

/* "show" is of a file when it looks like one, and else of what is loaded. */
static bool is_path(const char *name)
{
	size_t len = strlen(name);

	return strchr(name, '/') || (len > 4 && !strcmp(name + len - 4, ".pop"));
}

static bool is_loaded(int argc, char **argv)
{
	return !strcmp(argv[0], "show") && !(argc > 1 && is_path(argv[1]));
}

int do_contract(int argc, char **argv)
{
	static const struct cmd cmds[] = {
		{ "compile", compile },
		{ "sign", sign },
		{ "verify", verify },
		{ "show", contract_show },
		{ "profile", contract_profile },
		{ "graph", contract_graph },
		{}
	};
	const struct cmd *cmd;

	if (pop_init())
		return error("the system gives no randomness");
	if (!argc || is_loaded(argc, argv))
		return contract_netlink(argc, argv);
	for (cmd = cmds; cmd->name; cmd++)
		if (!strcmp(argv[0], cmd->name))
			return cmd->run(argc - 1, argv + 1);
	if (!strcmp(argv[0], "help"))
		print_help(help);
	return contract_netlink(argc, argv);
}

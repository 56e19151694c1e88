# shellcheck shell=bash
#
# tally.sh
#	Counts test cases in the output of test programs.

#
# tally FILE...
#
# Sets PASSED, FAILED and SKIPPED to the cases reported in the files: those of
# TAP (unindented: subtests are part of their test) and of pg_regress in the
# form it has before PostgreSQL 16.  A failure that is expected (TODO) counts
# as skipped, and so does a file skipped as a whole.
#
tally()
{
	# shellcheck disable=SC2034 # for the callers
	read -r PASSED FAILED SKIPPED < <(cat -- "$@" | awk '
		{ line = tolower($0) }
		line ~ /^(not )?ok / && line ~ /# *(skip|todo)/ { skipped++; next }
		line ~ /^1\.\.0 *# *skip/ { skipped++; next }
		line ~ /^not ok / || line ~ /^bail out!/ { failed++; next }
		line ~ /^ok / { passed++; next }
		line ~ /^(test| ) .* \.\.\. +ok / { passed++; next }
		line ~ /^(test| ) .* \.\.\. +failed / { failed++; next }
		END { print passed + 0, failed + 0, skipped + 0 }')
}

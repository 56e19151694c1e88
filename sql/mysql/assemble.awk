# What sql/mysql/assemble does with the errors, the words and the sources.

# A literal text of SQL.
function quote(text) {
	gsub(/'/, "''", text)
	return "'" text "'"
}

# A text in which all words are replaced; a word may stand for others.
function expand(text,    at, rest, word) {
	while (match(text, /@[a-z_]+(:[A-Z_]+)?@/)) {
		word = substr(text, RSTART + 1, RLENGTH - 2)
		if (!(word in words)) {
			printf "assemble: %s:%d: unknown word %s\n", FILENAME, FNR, word > "/dev/stderr"
			failed = 1
			exit 1
		}
		at = RSTART
		rest = substr(text, RSTART + RLENGTH)
		text = substr(text, 1, at - 1) words[word] rest
	}
	return text
}

# What drops the routine that a line creates.
function dropped(line,    field) {
	split(line, field, /[ (]+/)
	return "DROP " field[1] " IF EXISTS " field[2] "//"
}

BEGIN {
	words["version"] = quote(version)
	words["counter_key"] = "'covet-counter-key'"
}

FILENAME ~ /covet_errors\.h$/ {
	if (match($0, /X\(COVET_E_[A-Z_]+, "[0-9A-Z]+", ".*"\)/)) {
		split(substr($0, RSTART, RLENGTH), part, /"/)
		name = part[1]
		sub(/^X\(COVET_E_/, "", name)
		sub(/,.*/, "", name)
		words["fail:" name] = "SIGNAL SQLSTATE " quote(part[2]) \
			" SET MESSAGE_TEXT = " quote(part[4])
	}
	next
}

# NAME, white space, what it stands for; what is indented goes on with it.
FILENAME ~ /words\.txt$/ {
	if (/^#/ || /^$/)
		next
	if (/^[ \t]/) {
		sub(/^[ \t]+/, "")
		words[word] = words[word] " " $0
	}
	else {
		word = $1
		sub(/^[^ \t]+[ \t]*/, "")
		words[word] = $0
	}
	next
}

FNR == 1 && FILENAME !~ /words|errors/ && !begun++ && mode == "uninstall" {
	# The client would take a comment before it for the start of a statement.
	print "DELIMITER //"
	print "/* Removes covet_sessions, its sessions included, from a database. */"
}

FNR == 1 && mode == "install" {
	print ""
}

/^@create@ (FUNCTION|PROCEDURE) / {
	line = $0
	sub(/^@create@ /, "", line)
	print dropped(line)
}

mode == "install" || FILENAME ~ /\/uninstall\.sql$/ {
	print expand($0)
}

END {
	if (failed)
		exit 1
}

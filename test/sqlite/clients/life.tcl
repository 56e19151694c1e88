# The statements of the command line through Tcl's sqlite3; see test_clients.py.
package require sqlite3

set statements [lassign $argv extension file timeout]
sqlite3 db $file
db timeout $timeout
db nullvalue NULL
db enable_load_extension 1
db eval {SELECT load_extension($extension)}
db enable_load_extension 0

set token {}
foreach sql $statements {
	if {[catch {db onecolumn [string map {? $token} $sql]} answer]} {
		puts "error: $answer"
		continue
	}
	if {![string match SELECT* $sql]} continue
	if {[string length $answer] == 43} {
		set token $answer
	}
	puts $answer
}
db close
set open 0
foreach fd [glob /proc/self/fd/*] {
	if {![catch {file readlink $fd} name] && [string first $file $name] == 0} {
		incr open
	}
}
puts "open: $open"

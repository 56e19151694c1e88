# The statements of the command line through ruby-sqlite3; see test_clients.py.
require 'sqlite3'

extension, file, timeout, *statements = ARGV
db = SQLite3::Database.new(file)
db.busy_timeout(timeout.to_i)
db.enable_load_extension(true)
db.load_extension(extension)
db.enable_load_extension(false)

token = nil
statements.each do |sql|
  answer = db.get_first_value(sql, *(sql.include?('?') ? [token] : []))
  next unless sql.start_with?('SELECT')
  token = answer if answer.to_s.length == 43
  puts answer.nil? ? 'NULL' : answer
rescue SQLite3::Exception => error
  puts "error: #{error.message}"
end
db.close
open_files = Dir['/proc/self/fd/*'].count { |fd| (File.readlink(fd) rescue '').start_with?(file) }
puts "open: #{open_files}"

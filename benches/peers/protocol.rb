# The peer's side of the protocol, like protocol.rs for the peers in Rust. README.md describes the lines.

require "zlib"

module Protocol
  # The shop: the URL of a PostgreSQL server.
  SHOP = ARGV.fetch(0)

  # Answers until the input ends.
  #
  # `ways` maps names to lambdas that return the page as arrays of first name, last name, number of orders and total. Each
  # drops its objects when it returns. The block calls its argument, and returns its result with the statements sent.
  def self.serve(name, version, on, ways, &counting)
    # An error may quote a name in any script.
    $stdout.set_encoding(Encoding::UTF_8)
    $stdout.sync = true
    puts ["ready", name, version, "#{on} and Ruby #{RUBY_VERSION}", *ways.keys].join("\t")
    $stdin.each_line(chomp: true) do |line|
      begin
        puts answer(line, ways, counting)
      rescue StandardError => error
        puts "error #{error.class}: #{error.message.split.join(" ")}"
      end
    end
  end

  def self.answer(line, ways, counting)
    verb, way = line.split(" ", 2)
    unless %w[time count].include?(verb) && ways.key?(way)
      raise ArgumentError, "neither `time WAY` nor `count WAY`: #{line}"
    end

    # Collect garbage first, so that no way pays for the objects of another.
    GC.start
    if verb == "time"
      start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      page = ways[way].call
      number = format("%.3f", (Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) * 1e3)
    else
      page, statements = counting.call(ways[way])
      number = statements.count { |statement| statement.lstrip.upcase.start_with?("SELECT") }
    end
    "ok #{number} #{checksum(page)}"
  end

  def self.checksum(page)
    Zlib.crc32(page.map { |first_name, last_name, orders, total| "#{first_name}|#{last_name}|#{orders}|#{total}\n" }.join)
  end
  private_class_method :answer, :checksum
end

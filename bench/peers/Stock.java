/* The peer's values: commands, rows, reservations that fall due, and texts of times. */

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is rejected, and why. */
final class Refused extends Exception {
  final String code, sku;
  final long requested, available;

  Refused(String code, String sku, long requested, long available) {
    super(code, null, false, false);
    this.code = code;
    this.sku = sku;
    this.requested = requested;
    this.available = available;
  }
}

final class Command {
  String type, id, warehouse, reservation, reason, time, actor, correlation;
  long ttl;
  Map<String, Long> lines;

  static Command read(byte[] value) throws IOException {
    Command command = new Command();
    try (JsonParser parser = KafkaStreamsLedger.JSON.createParser(value)) {
      parser.nextToken();
      for (String name; (name = parser.nextFieldName()) != null; ) {
        JsonToken token = parser.nextToken();
        switch (name) {
          case "type" -> command.type = parser.getText();
          case "id" -> command.id = parser.getText();
          case "warehouse" -> command.warehouse = parser.getText();
          case "reservation" -> command.reservation = parser.getText();
          case "reason" -> command.reason = parser.getText();
          case "time" -> command.time = parser.getText();
          case "actor" -> command.actor = parser.getText();
          case "correlation_id" -> command.correlation = parser.getText();
          case "ttl_seconds" -> command.ttl = parser.getLongValue();
          case "lines" -> command.lines = lines(parser);
          default -> throw new IOException("unknown field " + name + " " + token);
        }
      }
    }
    return command;
  }

  static Map<String, Long> lines(JsonParser parser) throws IOException {
    Map<String, Long> lines = new LinkedHashMap<>(8);
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      String sku = null;
      long amount = 0;
      for (String name; (name = parser.nextFieldName()) != null; ) {
        parser.nextToken();
        if (name.equals("sku")) sku = parser.getText();
        else amount = parser.getLongValue();
      }
      if (sku == null || sku.isEmpty() || sku.length() > 64 || Math.abs(amount) > KafkaStreamsLedger.QUANTITY_MAX)
        throw new IOException("bad line");
      lines.merge(sku, amount, Long::sum);
    }
    return lines;
  }

  /** Equal where two commands of one id mean the same: FNV-1a of what counts. */
  long fingerprint() {
    long hash = mix(mix(mix(0xcbf29ce484222325L, type), reservation), reason) * 31 + ttl;
    if (lines != null)
      for (var line : lines.entrySet()) hash = mix(hash, line.getKey()) * 31 + line.getValue();
    return hash;
  }

  static long mix(long hash, String text) {
    if (text != null)
      for (int i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    return (hash ^ 0xff) * 0x100000001b3L;
  }
}

final class Row {
  final String sku;
  final long amount;
  long onHand, reserved, point, version;

  Row(String sku, long amount, byte[] stored) {
    this.sku = sku;
    this.amount = amount;
    if (stored == null) return;
    ByteBuffer bytes = ByteBuffer.wrap(stored);
    onHand = bytes.getLong();
    reserved = bytes.getLong();
    point = bytes.getLong();
    version = bytes.getLong();
  }

  byte[] bytes() {
    return ByteBuffer.allocate(32).putLong(onHand).putLong(reserved).putLong(point).putLong(version).array();
  }

  long available() {
    return onHand - reserved;
  }

  int level() {
    return available() == 0 ? 2 : available() <= point ? 1 : 0;
  }
}

record Due(long at, String reservation, String warehouse) implements Comparable<Due> {
  public int compareTo(Due other) {
    if (at != other.at) return Long.compare(at, other.at);
    int order = reservation.compareTo(other.reservation);
    return order != 0 ? order : warehouse.compareTo(other.warehouse);
  }
}

/** RFC 3339 texts of times; a second's text is made once while it is asked for. */
final class Moments {
  private final LinkedHashMap<Long, String> seconds = new LinkedHashMap<>(64, 0.75f, true) {
    protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
      return size() > 256;
    }
  };

  String text(long ms) {
    String second = seconds.computeIfAbsent(ms / 1000, s -> Instant.ofEpochSecond(s).toString().substring(0, 19));
    long part = ms % 1000;
    return second + (part < 10 ? ".00" : part < 100 ? ".0" : ".") + part + "Z";
  }
}

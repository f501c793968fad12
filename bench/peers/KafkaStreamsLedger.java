/* The peer: the stock contract on Kafka Streams, one thread, exactly_once_v2, settings frozen below. */

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public final class KafkaStreamsLedger {
  static final JsonFactory JSON = new JsonFactory();
  static final long LIMIT = 1_000_000_000_000_000L, QUANTITY_MAX = 1_000_000_000_000L;

  public static void main(String[] args) throws Exception {
    String kafka = args[0], commands = args[1], prefix = args[2], directory = args[3];
    Topology topology = new Topology();
    topology.addSource("commands", new ByteArrayDeserializer(), new ByteArrayDeserializer(), commands);
    topology.addProcessor("ledger", Ledger::new, "commands");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("stock"), Serdes.Bytes(), Serdes.ByteArray())
            .withCachingEnabled(),
        "ledger");
    topology.addSink("events", prefix + "stock.events.v1",
        new ByteArraySerializer(), new ByteArraySerializer(), "ledger");
    StreamPartitioner<byte[], byte[]> byWarehouse = (topic, key, value, count) ->
        Optional.of(Set.of(Utils.toPositive(Utils.murmur2(warehouseOf(key))) % count));
    topology.addSink("alerts", prefix + "stock.alerts.v1",
        new ByteArraySerializer(), new ByteArraySerializer(), byWarehouse, "ledger");
    Properties settings = new Properties();
    settings.put("bootstrap.servers", kafka);
    settings.put("application.id", prefix + "streams");
    settings.put("state.dir", directory);
    for (int i = 4; i < args.length; i++) { // name=value, chosen and explained in streams.py
      String[] pair = args[i].split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    KafkaStreams streams = new KafkaStreams(topology, settings);
    CountDownLatch stopped = new CountDownLatch(1);
    streams.setStateListener((now, before) -> {
      if (now == KafkaStreams.State.NOT_RUNNING || now == KafkaStreams.State.ERROR) stopped.countDown();
    });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
    stopped.await();
  }

  static byte[] warehouseOf(byte[] alertKey) {
    int end = 0;
    while (alertKey[end] != '/') end++;
    return java.util.Arrays.copyOf(alertKey, end);
  }

  static final class Ledger implements Processor<byte[], byte[], byte[], byte[]> {
    static final Bytes POSITION = Bytes.wrap(new byte[] {'M'});
    final ByteArrayOutputStream out = new ByteArrayOutputStream(2048);
    final TreeSet<Due> due = new TreeSet<>();
    final Moments moments = new Moments();
    ProcessorContext<byte[], byte[]> context;
    KeyValueStore<Bytes, byte[]> store;
    long seq, logTime, offset;
    int partition;
    Record<byte[], byte[]> source;

    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      store = context.getStateStore("stock");
      partition = context.taskId().partition();
      byte[] position = store.get(POSITION);
      if (position != null) {
        seq = ByteBuffer.wrap(position).getLong();
        logTime = ByteBuffer.wrap(position).getLong(8);
      }
      try (KeyValueIterator<Bytes, byte[]> open = store.range(Bytes.wrap(new byte[] {'r'}), Bytes.wrap(new byte[] {'s'}))) {
        open.forEachRemaining(one -> {
          String[] key = new String(one.key.get(), StandardCharsets.UTF_8).split("\0");
          if (one.value[8] == 'o') due.add(new Due(ByteBuffer.wrap(one.value).getLong(), key[2], key[1]));
        });
      }
    }

    public void process(Record<byte[], byte[]> record) {
      try {
        source = record;
        offset = context.recordMetadata().orElseThrow().offset();
        logTime = Math.max(logTime, record.timestamp());
        while (!due.isEmpty() && due.first().at() <= logTime) expire(due.pollFirst());
        decide(Command.read(record.value()));
        store.put(POSITION, ByteBuffer.allocate(16).putLong(seq).putLong(logTime).array());
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }

    void decide(Command command) throws IOException {
      Bytes idKey = key('I', command.warehouse, command.id);
      long fingerprint = command.fingerprint();
      byte[] known = store.get(idKey);
      if (known != null) {
        if (ByteBuffer.wrap(known).getLong() != fingerprint)
          reject(command, new Refused("IDEMPOTENCY_KEY_REUSED", null, 0, 0));
        return;
      }
      store.put(idKey, ByteBuffer.allocate(16).putLong(fingerprint).putLong(logTime).array());
      try {
        switch (command.type) {
          case "ReceiveStock" -> change(command, "StockReceived", rows(command), 1, 0, null, 0);
          case "ShipStock" -> change(command, "StockShipped", enough(rows(command)), -1, 0, null, 0);
          case "AdjustStock" -> change(command, "StockAdjusted", adjustable(rows(command)), 1, 0, null, 0);
          case "ReserveStock" -> reserve(command);
          case "ReleaseReservation" -> close(command, "ReservationReleased", command.warehouse, command.reservation, 0);
          case "ShipReservation" -> close(command, "StockShipped", command.warehouse, command.reservation, -1);
          case "SetReorderPoint" -> change(command, "ReorderPointSet", rows(command), 0, 0, null, 0);
          default -> throw new Refused("INVALID_COMMAND", null, 0, 0);
        }
      } catch (Refused refused) {
        reject(command, refused);
      }
    }

    Row[] rows(Command command) throws Refused {
      if (command.lines == null || command.lines.isEmpty()) throw new Refused("INVALID_COMMAND", null, 0, 0);
      return rows(command.warehouse, command.lines);
    }

    Row[] rows(String warehouse, Map<String, Long> lines) throws Refused {
      Row[] rows = new Row[lines.size()];
      int i = 0;
      for (var line : lines.entrySet()) {
        Row row = rows[i++] = new Row(line.getKey(), line.getValue(), store.get(key('S', warehouse, line.getKey())));
        if (row.onHand + row.amount > LIMIT) throw new Refused("QUANTITY_LIMIT", row.sku, row.amount, row.available());
      }
      return rows;
    }

    static Row[] enough(Row[] rows) throws Refused {
      for (Row row : rows)
        if (row.available() < row.amount) throw new Refused("INSUFFICIENT_STOCK", row.sku, row.amount, row.available());
      return rows;
    }

    static Row[] adjustable(Row[] rows) throws Refused {
      for (Row row : rows)
        if (row.onHand + row.amount < row.reserved) throw new Refused("INSUFFICIENT_STOCK", row.sku, -row.amount, row.available());
      return rows;
    }

    void reserve(Command command) throws IOException, Refused {
      Bytes reservation = key('r', command.warehouse, command.reservation);
      if (store.get(reservation) != null) throw new Refused("RESERVATION_EXISTS", null, 0, 0);
      Row[] rows = enough(rows(command));
      long expires = logTime + command.ttl * 1000;
      ByteArrayOutputStream lines = new ByteArrayOutputStream(64);
      lines.write(ByteBuffer.allocate(9).putLong(expires).put((byte) 'o').array());
      for (Row row : rows) {
        byte[] sku = row.sku.getBytes(StandardCharsets.UTF_8);
        lines.write(ByteBuffer.allocate(9 + sku.length).put((byte) sku.length).put(sku).putLong(row.amount).array());
      }
      store.put(reservation, lines.toByteArray());
      due.add(new Due(expires, command.reservation, command.warehouse));
      change(command, "StockReserved", rows, 0, 1, command.reservation, expires);
    }

    void expire(Due one) throws IOException {
      Command none = new Command();
      none.warehouse = one.warehouse();
      try {
        close(none, "ReservationExpired", one.warehouse(), one.reservation(), 0);
      } catch (Refused refused) {
        throw new IllegalStateException(refused);
      }
    }

    void close(Command command, String type, String warehouse, String name, int onHand) throws IOException, Refused {
      Bytes reservation = key('r', warehouse, name);
      byte[] stored = store.get(reservation);
      if (stored == null) throw new Refused("RESERVATION_NOT_FOUND", null, 0, 0);
      if (stored[8] != 'o') throw new Refused("RESERVATION_CLOSED", null, 0, 0);
      ByteBuffer bytes = ByteBuffer.wrap(stored, 9, stored.length - 9);
      due.remove(new Due(ByteBuffer.wrap(stored).getLong(), name, warehouse));
      Map<String, Long> lines = new LinkedHashMap<>(8);
      while (bytes.hasRemaining()) {
        byte[] sku = new byte[bytes.get()];
        bytes.get(sku);
        lines.put(new String(sku, StandardCharsets.UTF_8), bytes.getLong());
      }
      byte[] closed = stored.clone();
      closed[8] = (byte) (onHand < 0 ? 's' : command.id == null ? 'e' : 'r');
      store.put(reservation, closed);
      change(command, type, rows(warehouse, lines), onHand, -1, name, 0);
    }

    /** Every row changes by its amount times the two signs; both 0: the amount is the reorder point. */
    void change(Command command, String type, Row[] rows, int onHand, int reserved, String reservation, long expires)
        throws IOException {
      JsonGenerator json = head(type, command);
      json.writeArrayFieldStart("lines");
      String field = type.equals("StockAdjusted") ? "delta" : type.equals("ReorderPointSet") ? "reorder_point" : "quantity";
      for (Row row : rows) {
        int before = row.version == 0 ? -1 : row.level();
        row.onHand += onHand * row.amount;
        row.reserved += reserved * row.amount;
        if (field.equals("reorder_point")) row.point = row.amount;
        row.version++;
        store.put(key('S', command.warehouse, row.sku), row.bytes());
        json.writeStartObject();
        json.writeStringField("sku", row.sku);
        json.writeNumberField(field, row.amount);
        json.writeNumberField("on_hand", row.onHand);
        json.writeNumberField("reserved", row.reserved);
        json.writeNumberField("available", row.available());
        json.writeNumberField("version", row.version);
        json.writeEndObject();
        int after = row.level();
        if (before >= 0 && (after > before || (after == 0 && before > 0))) alert(command, row, after);
      }
      json.writeEndArray();
      if (reservation != null) json.writeStringField("reservation", reservation);
      if (expires != 0) json.writeStringField("expires_at", moments.text(expires));
      finish(json, command);
    }

    void reject(Command command, Refused refused) throws IOException {
      JsonGenerator json = head("CommandRejected", command);
      json.writeStringField("code", refused.code);
      json.writeStringField("message", refused.sku == null ? "the command was refused"
          : refused.requested + " of " + refused.sku + " asked for, " + refused.available + " available");
      json.writeObjectFieldStart("details");
      if (refused.sku != null) {
        json.writeStringField("sku", refused.sku);
        json.writeNumberField("requested", refused.requested);
        json.writeNumberField("available", refused.available);
      }
      json.writeEndObject();
      finish(json, command);
    }

    JsonGenerator head(String type, Command command) throws IOException {
      seq++;
      out.reset();
      JsonGenerator json = JSON.createGenerator(out);
      json.writeStartObject();
      json.writeStringField("type", type);
      json.writeStringField("id", partition + "-" + seq);
      json.writeNumberField("partition", partition);
      json.writeNumberField("seq", seq);
      if (command.id != null) json.writeStringField("command_id", command.id);
      json.writeStringField("warehouse", command.warehouse);
      return json;
    }

    void finish(JsonGenerator json, Command command) throws IOException {
      json.writeStringField("time", command.time != null ? command.time : moments.text(logTime));
      json.writeStringField("recorded_at", moments.text(logTime));
      if (command.actor != null) json.writeStringField("actor", command.actor);
      if (command.correlation != null) json.writeStringField("correlation_id", command.correlation);
      json.writeObjectFieldStart("source");
      json.writeNumberField("partition", partition);
      json.writeNumberField("offset", offset);
      json.writeEndObject();
      json.writeEndObject();
      json.close();
      context.forward(source.withValue(out.toByteArray()), "events");
    }

    void alert(Command command, Row row, int level) {
      String id = partition + "-" + seq;
      String type = level == 2 ? "OutOfStock" : level == 1 ? "LowStock" : "StockRecovered";
      String value = "{\"type\":\"" + type + "\",\"id\":\"" + id + "/" + row.sku + "\",\"warehouse\":\"" + command.warehouse
          + "\",\"sku\":\"" + row.sku + "\",\"available\":" + row.available() + ",\"on_hand\":" + row.onHand
          + ",\"reserved\":" + row.reserved + ",\"reorder_point\":" + row.point + ",\"event_id\":\"" + id
          + "\",\"time\":\"" + moments.text(logTime) + "\"}";
      context.forward(source.withKey((command.warehouse + "/" + row.sku).getBytes(StandardCharsets.UTF_8))
          .withValue(value.getBytes(StandardCharsets.UTF_8)), "alerts");
    }

    static Bytes key(char kind, String warehouse, String id) {
      return Bytes.wrap((kind + "\0" + warehouse + "\0" + id).getBytes(StandardCharsets.UTF_8));
    }
  }
}

import CYaml

/// Puts the events of libyaml together to the one document of a file.
///
/// What could blow up is refused as the parser comes upon it: aliases, since a few lines of them stand for billions of
/// nodes, and deep nesting. Specs need neither, nor tags; a key is a word and stands once.
struct YAMLReader {
  static let deepest = 32

  private let file: String
  private let bytes: UnsafeBufferPointer<UInt8>
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private var depth = 0

  static func read(_ source: SourceFile) throws(InputError) -> YAMLNode {
    let result = Array(source.text.utf8).withUnsafeBufferPointer { bytes -> Result<YAMLNode, InputError> in
      let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
      defer { parser.deallocate() }
      guard yaml_parser_initialize(parser) == 1 else {
        return .failure(InputError(.io, "\(source.name): no memory to read it"))
      }
      defer { yaml_parser_delete(parser) }
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      var reader = YAMLReader(file: source.name, bytes: bytes, parser: parser)
      do throws(InputError) { return .success(try reader.document()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private init(
    file: String, bytes: UnsafeBufferPointer<UInt8>, parser: UnsafeMutablePointer<yaml_parser_t>
  ) {
    (self.file, self.bytes, self.parser) = (file, bytes, parser)
  }

  private mutating func document() throws(InputError) -> YAMLNode {
    _ = try next()  // The stream's start.
    guard try next().type == YAML_DOCUMENT_START_EVENT else {
      throw InputError(.data, at: SourceLocation(file: file), "the file holds no YAML document")
    }
    let root = try node(try next())
    _ = try next()  // The document's end.
    let event = try next()
    guard event.type == YAML_STREAM_END_EVENT else {
      throw refusal(event, "a second document; accepted: one")
    }
    return root
  }

  /// Where and what the next event is; its text is copied out before the parser goes on.
  private struct Event {
    var type: yaml_event_type_t
    var mark: yaml_mark_t
    var text = ""
    var isPlain = false
  }

  private mutating func next() throws(InputError) -> Event {
    var raw = yaml_event_t()
    guard yaml_parser_parse(parser, &raw) == 1 else { throw problem }
    defer { yaml_event_delete(&raw) }
    var event = Event(type: raw.type, mark: raw.start_mark)
    let (anchor, tag): (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?)
    switch raw.type {
    case YAML_SCALAR_EVENT:
      let scalar = raw.data.scalar
      event.text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      event.isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      (anchor, tag) = (scalar.anchor, scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      (anchor, tag) = (raw.data.sequence_start.anchor, raw.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT: (anchor, tag) = (raw.data.mapping_start.anchor, raw.data.mapping_start.tag)
    case YAML_ALIAS_EVENT: (anchor, tag) = (raw.data.alias.anchor, nil)
    default: (anchor, tag) = (nil, nil)
    }
    if anchor != nil {
      throw refusal(event, "anchors (&) and aliases (*) are not accepted; write the value out")
    }
    if tag != nil { throw refusal(event, "tags (!) are not accepted") }
    return event
  }

  private mutating func node(_ event: Event) throws(InputError) -> YAMLNode {
    let content: YAMLNode.Content
    switch event.type {
    case YAML_SEQUENCE_START_EVENT:
      try enter(event)
      var items: [YAMLNode] = []
      while true {
        let event = try next()
        if event.type == YAML_SEQUENCE_END_EVENT { break }
        items.append(try node(event))
      }
      depth -= 1
      content = .list(items)
    case YAML_MAPPING_START_EVENT:
      try enter(event)
      content = .mapping(try members())
      depth -= 1
    default: content = .scalar(event.text, isPlain: event.isPlain)
    }
    return YAMLNode(content, line: Int(event.mark.line) + 1, column: Int(event.mark.column) + 1)
  }

  private mutating func members() throws(InputError) -> [(key: YAMLNode, value: YAMLNode)] {
    var members: [(key: YAMLNode, value: YAMLNode)] = []
    var seen = Set<String>()
    while true {
      let event = try next()
      if event.type == YAML_MAPPING_END_EVENT { return members }
      let key = try node(event)
      guard let name = key.string else {
        throw refusal(event, "a key has to be a word, found \(key.kindName)")
      }
      guard seen.insert(name).inserted else { throw refusal(event, "duplicate key “\(name)”") }
      members.append((key, try node(try next())))
    }
  }

  private mutating func enter(_ event: Event) throws(InputError) {
    depth += 1
    if depth > Self.deepest { throw refusal(event, "nested more than \(Self.deepest) levels deep") }
  }

  private func refusal(_ event: Event, _ message: String) -> InputError { refusal(event.mark, message) }

  private func refusal(_ mark: yaml_mark_t, _ message: String) -> InputError {
    InputError(
      .data, at: SourceLocation(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1), message)
  }

  /// What the parser says, where it says it.
  private var problem: InputError {
    let state = parser.pointee
    let words = state.problem.map { String(cString: $0) } ?? "no memory to read it"
    var mark = state.problem_mark
    if state.error == YAML_READER_ERROR {
      let before = bytes.prefix(Int(state.problem_offset))
      mark.line = before.count { $0 == UInt8(ascii: "\n") }
      mark.column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count { $0 & 0xC0 != 0x80 }
    }
    return refusal(mark, "not valid YAML: \(words)")
  }
}

import Specs

/// Keys of encoders that stand flat beside a decoder's.
extension ConfigFields {
  private static let beginnings = ["vision_", "image_", "img_", "video_", "audio_", "speech_", "mm_"]
  private static let names = ["embd_layer", "projector_type", "projection_dim", "multi_modal_projector"]

  /// Reads over them, and says so.
  mutating func leaveOutTowers() -> [String] {
    let found = members.filter { member in
      !member.value.isNull
        && (Self.beginnings.contains { member.key.hasPrefix($0) } || Self.names.contains(member.key))
    }
    ignore(found.map(\.key))
    let blocks = found.filter { $0.value.members != nil || $0.key == "vision_tower" }
    return blocks.map { "“\($0.key)” is left out: only the decoder is counted" }
  }
}

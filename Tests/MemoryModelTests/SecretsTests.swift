// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Testing

@Suite struct SecretsTests {
  @Test(
    "a password of a URI is hidden wherever a message repeats it, written or decoded",
    arguments: [
      ("a+ssh://root:pw@h/system", "root:pw@h: Permission denied", "root:***@h: Permission denied"),
      (
        "a+ssh://u:M PW@h/s", "Unable to parse a+ssh://u:M PW@h/s?no_tty=1",
        "Unable to parse a+ssh://u:***@h/s?no_tty=1"
      ),
      ("a://u:p\"w@h/", "for u:p\"w at h", "for u:*** at h"),
      ("a://u:p%40w@h/", "p@w and p%40w", "*** and ***"), ("a://u%3Apw@h/", "-l u:pw", "-l u:***"),
      ("a://u:p/w@h/?a=x@y", "no: a://u:p/w@h/?a=x@y", "no: a://u:***@y"),
      ("a://u:p@q@h/", "p@q, p", "***, p"), ("a://u:p%3Aw@h/", "p:w, w", "***, w"),
      ("a://u@h/?x=1&Password=p%20w", "p w or p%20w", "*** or ***"),
      ("a://h/?auth_%74oken=t1;client_secret=t2", "t1 t2 t3", "*** *** t3"),
      ("name=a://u:pw@h/", "pw", "***"), ("a://u:\u{E9}\u{301}@h", "\u{E9}\u{301}", "***"),
      ("a://root@h:22/system", "root@h:22 system", "root@h:22 system"),
      ("a://u:@h/", "u:@h", "u:@h"),
      ("qemu:///system", "a: b@c", "a: b@c"), ("alias", "alias", "alias"), ("", "x", "x"),
    ])
  func hiding(uri: String, message: String, shown: String) {
    #expect(Secrets(ofURIs: [uri]).hiding(in: message) == shown)
    #expect(Secrets(ofURIs: ["b://v:other@i/", uri]).hiding(in: message) == shown)
    #expect(Secrets.none.hiding(in: message) == message)
  }
}

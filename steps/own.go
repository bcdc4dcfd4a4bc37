package steps

// Expand puts values in the place of ${user.ATTRIBUTE} and ${env.NAME}, as our
// own sentences do with what stands between quotes. What cannot be resolved is
// an error.
func (w *World) Expand(text string) (string, error) { return w.expand(text) }

// Hide keeps values out of every report and error from now on, as a code that a
// sentence fetched from a mailbox.
func (w *World) Hide(values ...string) { w.redactor.Add(values...) }

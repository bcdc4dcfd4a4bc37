package conformance

// OfSDK is [Verdicts.ofSDK].
func (v *Verdicts) OfSDK(s SDK) Result { return v.ofSDK(s) }

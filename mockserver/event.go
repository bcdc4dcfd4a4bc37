package mockserver

import "flowtest/recordings"

// An event is one thing that happened to a sign-on, for whoever watches. It
// holds no value that a person typed and no token.
type event struct {
	journey string // the interaction's id, "" where there is none
	late    bool   // no sign-on of that id, which a client made up or kept, is under way
	flow    string
	at      string // the screen it left, "" at the start
	sent    string // action, event type and keys
	hop     string // the recorded hop that answered, "" where none did
	to      string // the screen at which it stands afterwards, unless it has ended
	status  int
	ended   bool   // by this; a sign-on that never came to a screen has ended, too
	problem string // why nothing recorded answered
}

// note hands an event to who watches. Where nobody does, it is never made.
func (s *Server) note(happened func() event) {
	if s.watch != nil {
		s.watch(happened())
	}
}

// asked says what was sent at a screen, without any value. Where there is no
// screen yet, that is the request that starts the flow.
func asked(at string, sent *recordings.Sent) string {
	if at == "" {
		return "authorize request"
	}
	return describe(sent)
}

func (in *interaction) place() string {
	if in == nil || in.at == nil {
		return ""
	}
	return in.at.hop.Name
}

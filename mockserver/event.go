package mockserver

// An event is one thing that happened to a sign-on, for whoever watches. It
// holds no value that a person typed and no token.
type event struct {
	journey string // the interaction's id, "" where there is none
	flow    string
	at      string // the screen it left, "" at the start
	sent    string // action, event type and keys
	hop     string // the recorded hop that answered, "" where none did
	status  int
	ended   bool
	problem string // why nothing recorded answered
}

// note hands an event to who watches, if anybody does.
func (s *Server) note(e event) {
	if s.watch != nil {
		s.watch(e)
	}
}

func (in *interaction) place() string {
	if in == nil || in.at == nil {
		return ""
	}
	return in.at.hop.Name
}

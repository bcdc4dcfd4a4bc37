package mockserver

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// values fills the holes of one answer. What is minted is minted when it is
// first asked for and stays the same within the answer.
type values struct {
	s         *Server
	in        *interaction
	user      map[string]string // who signs on, as far as this answer knows
	base      string            // scheme, host and the environment where the path has one
	token     string            // the interactionToken of this answer
	sessionID string
	minted    map[string]string
}

// get returns the value of a variable.
func (v *values) get(name string) string {
	switch name {
	case base:
		return v.base
	case "authPath":
		return strings.TrimSuffix(v.base, "/"+v.in.environment)
	case "envID":
		return v.in.environment
	case "davinciFlowPolicyID":
		return v.in.flow.policy
	case "interactionId":
		return v.in.id
	case "interactionToken":
		return v.token
	case "state":
		return v.in.asked.state
	case "sessionId":
		return v.session()
	}
	if attr, ok := strings.CutPrefix(name, "user."); ok {
		return v.user[attr]
	}
	value, ok := v.minted[name]
	if !ok {
		value = v.mint(name)
		if v.minted == nil {
			v.minted = map[string]string{}
		}
		v.minted[name] = value
	}
	return value
}

// mint makes a value that stays the same within the answer.
func (v *values) mint(name string) string {
	var value string
	var err error
	switch name {
	case "code":
		value = v.newGrant()
	case "challenge":
		value = uuid()
		v.s.challenges.put(value, &challenge{})
	case "accessToken":
		value, err = v.s.accessToken(v.grant())
	case "idToken":
		value, err = v.s.idToken(v.grant(), v.get("accessToken"))
	default:
		value = uuid()
	}
	if err != nil {
		v.s.log.Error("a token could not be signed", "error", err)
	}
	return value
}

// session returns the id of the session that this answer establishes.
func (v *values) session() string {
	if v.sessionID == "" {
		v.sessionID = uuid()
	}
	return v.sessionID
}

// uuid mints a random UUID of version 4.
func uuid() string {
	var b [16]byte
	read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var out [36]byte
	hex.Encode(out[:8], b[:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// tokenBytes is the length of an interactionToken before it is written in
// hexadecimal digits.
const tokenBytes = 128

// token mints an interactionToken, which is 128 bytes in hexadecimal digits.
func token() string {
	var b [tokenBytes]byte
	read(b[:])
	var out [2 * tokenBytes]byte
	hex.Encode(out[:], b[:])
	return string(out[:])
}

func read(b []byte) {
	_, _ = rand.Read(b) // crypto/rand never returns an error, it ends the program
}

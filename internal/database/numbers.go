package database

import (
	"encoding/binary"
	"time"
)

// numberBits is how many bits of an ID its number has: as many as a program in
// JavaScript can tell apart. They begin where the milliseconds do that a time
// before the year 2109 needs.
const (
	numberBits = 53
	unusedBits = 6
	behindBits = 64 - unusedBits - numberBits
	greatest   = 1<<numberBits - 1
)

// Number is a whole number for an ID, for programs that want one: the time at
// which it was made and some of what makes it different from others. Numbers
// are in the order of the IDs. What is no ID has 0.
func Number(id string) int64 {
	b, err := encoding.DecodeString(id)
	if err != nil || len(b) != 16 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b) << unusedBits >> (unusedBits + behindBits))
}

// AfterNumber is the least that an ID can be whose number is greater than n.
func AfterNumber(n int64) string {
	var b [16]byte
	if n >= greatest {
		b[0] = 0xff // after all
	} else if n >= 0 {
		binary.BigEndian.PutUint64(b[:], uint64(n+1)<<behindBits)
	}
	return encoding.EncodeToString(b[:])
}

// NumberTime is when the ID was made that has the number n.
func NumberTime(n int64) time.Time {
	return time.UnixMilli(min(n, greatest) >> (16 - behindBits)).UTC()
}

// Package bayes tells unwanted words from wanted ones by what the owner has
// decided before. It computes and remembers nothing: whoever uses it keeps the
// counts.
//
// The mathematics are those of Gary Robinson, "A Statistical Approach to the
// Spam Problem" (Linux Journal 107, 2003).
package bayes

import (
	"cmp"
	"math"
	"slices"
)

const (
	minVerdicts = 3   // of each side before anything is said
	maxTelling  = 30  // words that are looked at
	maxNamed    = 10  // words that are named
	unknown     = 0.5 // what is assumed of a word (Robinson's x)
	assumption  = 1.0 // how many sightings the assumption weighs (his s)
	minStrength = 0.1 // from the middle, below which a word tells nothing
	extreme     = 1e-4
)

// Counts are how many mentions the owner has let through and how many were
// called spam: all of them, or those with a certain word.
type Counts struct {
	Ham, Spam int
}

// Verdict is what the words of a mention say: near 0 it is wanted, near 1 it is
// spam, 0.5 says nothing.
type Verdict struct {
	Spam    float64
	Telling []Word // the most telling words, at most 10, the most telling first
}

// Word is what one word says, on the scale of a Verdict.
type Word struct {
	Word string
	Spam float64
}

// Judge weighs words by their counts. It says nothing until there have been
// three verdicts of each side. The order of the words does not matter, nor does
// one that comes twice.
func Judge(words []string, of func(word string) Counts, total Counts) Verdict {
	if total.Ham < minVerdicts || total.Spam < minVerdicts {
		return Verdict{Spam: unknown}
	}
	telling := mostTelling(words, of, total)
	if len(telling) == 0 {
		return Verdict{Spam: unknown}
	}
	return Verdict{Spam: combine(telling), Telling: slices.Clip(telling[:min(len(telling), maxNamed)])}
}

func mostTelling(words []string, of func(word string) Counts, total Counts) []Word {
	var telling []Word
	for _, word := range slices.Compact(slices.Sorted(slices.Values(words))) {
		w := Word{Word: word, Spam: probability(of(word), total)}
		if w.strength() >= minStrength {
			telling = append(telling, w)
		}
	}
	slices.SortStableFunc(telling, func(a, b Word) int { return cmp.Compare(b.strength(), a.strength()) })
	return telling[:min(len(telling), maxTelling)]
}

func (w Word) strength() float64 {
	return math.Abs(w.Spam - unknown)
}

// probability is Robinson's f(w): how much more often the word was seen in spam
// than elsewhere, drawn to the middle as long as it was seen seldom. Counts that
// cannot be are taken for the nearest that can.
func probability(seen, total Counts) float64 {
	ham := float64(min(max(seen.Ham, 0), total.Ham))
	spam := float64(min(max(seen.Spam, 0), total.Spam))
	if ham+spam == 0 {
		return unknown
	}
	ofHam, ofSpam := ham/float64(total.Ham), spam/float64(total.Spam)
	p := ofSpam / (ofSpam + ofHam)
	f := (assumption*unknown + (ham+spam)*p) / (assumption + ham + spam)
	return min(max(f, extreme), 1-extreme)
}

// combine is Robinson's I = (1+H-S)/2: how little the words look as if chance
// had chosen them in favour of ham, against how little in favour of spam, both
// by Fisher's method. Where both sides have strong words it stays in the middle.
func combine(words []Word) float64 {
	h, s := 0.0, 0.0
	for _, w := range words {
		h -= 2 * math.Log(w.Spam)
		s -= 2 * math.Log(1-w.Spam)
	}
	i := (1 + chance(h, len(words)) - chance(s, len(words))) / 2
	return min(max(i, 0), 1)
}

// chance is the probability that chi-square with 2n degrees of freedom is at
// least x.
func chance(x float64, n int) float64 {
	term := math.Exp(-x / 2)
	sum := term
	for i := 1; i < n; i++ {
		term *= x / 2 / float64(i)
		sum += term
	}
	return min(sum, 1)
}

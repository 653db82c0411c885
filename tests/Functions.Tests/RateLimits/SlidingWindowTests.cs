using CustomerFunctions.RateLimits;
using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.RateLimits;

public sealed class SlidingWindowTests
{
    private static readonly Budget Small = new("small", 3, 5, TimeSpan.FromMilliseconds(1000));

    /// <summary>Logs as instances with clocks of their own write them: instants go up and down, sources and devices alternate.</summary>
    private static readonly Gen<List<Attempt>> Logs =
        from count in Gen.Choose(1, 40)
        from steps in Gen.Choose(-300, 600).ArrayOf(count)
        from sources in Gen.Elements("a", "b", "c").ArrayOf(count)
        from known in Gen.Elements(false, false, true).ArrayOf(count)
        select Enumerable.Range(0, count).Select(i => new Attempt(1_000_000 + steps.Take(i + 1).Sum(), known[i], sources[i], $"id{i}")).ToList();

    [Fact]
    public void No_window_holds_more_allowed_attempts_than_the_limit() => Generated.Check(Logs, log =>
    {
        var allowed = Allowed(log);
        foreach (var lane in allowed.GroupBy(attempt => attempt.IsKnown))
        {
            MostInAnyWindow(lane).Should().BeLessThanOrEqualTo(Small.Total);
            foreach (var source in lane.GroupBy(attempt => attempt.Source)) { MostInAnyWindow(source).Should().BeLessThanOrEqualTo(Small.Limit); }
        }
    });

    [Fact]
    public void An_attempt_is_refused_only_while_a_limit_is_used_up() => Generated.Check(Logs, log =>
    {
        foreach (var attempt in log.Where(attempt => !SlidingWindow.Judge(log, attempt.Id, Small).IsAllowed))
        {
            var before = Allowed(log[..log.IndexOf(attempt)]).Where(other => other.IsKnown == attempt.IsKnown && other.At > attempt.At - 1000).ToList();
            (before.Count >= Small.Total || before.Count(other => other.Source == attempt.Source) >= Small.Limit).Should().BeTrue();
        }
    });

    [Fact]
    public void Pruning_changes_no_later_judgement() => Generated.Check(Logs, log =>
    {
        var newest = log.Max(attempt => attempt.At);
        var pruned = SlidingWindow.Prune(log, Small, DateTimeOffset.FromUnixTimeMilliseconds(newest));
        for (var later = newest - 500; later < newest + 1500; later += 250)
        {
            var next = new Attempt(later, false, "a", "next");
            SlidingWindow.Judge([.. pruned, next], "next", Small).Should().Be(SlidingWindow.Judge([.. log, next], "next", Small));
        }
    });

    [Fact]
    public void A_refused_attempt_is_allowed_at_the_instant_it_was_told() => Generated.Check(Logs, log =>
    {
        var next = new Attempt(log.Max(attempt => attempt.At), false, "a", "next");
        var judgement = SlidingWindow.Judge([.. log, next], "next", Small);
        if (judgement.IsAllowed) { return; }
        SlidingWindow.Judge([.. log, next with { At = judgement.Until }], "next", Small).IsAllowed.Should().BeTrue();
        SlidingWindow.Judge([.. log, next with { At = judgement.Until - 1 }], "next", Small).IsAllowed.Should().BeFalse();
    });

    [Fact]
    public void An_entry_that_was_sent_twice_counts_once()
    {
        var log = new List<Attempt> { new(0, false, "a", "1"), new(0, false, "a", "1"), new(0, false, "a", "1"), new(1, false, "a", "2") };
        SlidingWindow.Judge(log, "2", Small).IsAllowed.Should().BeTrue();
    }

    [Fact]
    public void An_entry_survives_its_text_and_nothing_else_is_one()
    {
        var attempt = Attempt.New(TimeProvider.System.GetUtcNow(), isKnown: true, Attempt.Hashed("ada@example.com", "192.0.2.1"));
        Attempt.Parse(attempt.ToString()).Should().Be(attempt);
        // With what no number in it can look like: its time and its hashes have "192" or "ada" in them now and then.
        attempt.ToString().Should().NotContain("ada@").And.NotContain("192.0.2");
        Attempt.Parse("of a later version").Should().BeNull();
    }

    private static List<Attempt> Allowed(List<Attempt> log) => [.. log.Where(attempt => SlidingWindow.Judge(log, attempt.Id, Small).IsAllowed)];

    private static int MostInAnyWindow(IEnumerable<Attempt> attempts)
    {
        var instants = attempts.Select(attempt => attempt.At).Order().ToList();
        return instants.Count == 0 ? 0 : instants.Max(begin => instants.Count(at => at >= begin && at < begin + 1000));
    }
}

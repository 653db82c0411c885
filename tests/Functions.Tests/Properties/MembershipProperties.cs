using System.Globalization;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Properties;

/// <summary>
/// Nobody gets in, and nobody rises, by requests of those who make no members: whatever callers without
/// <c>members.write</c> and without an invitation do to customers in whatever order, no membership is added and no
/// role is raised. A thousand made-up histories of requests to the app; what is stored is held against what was there.
/// The seed is printed; MEMBERSHIP_SEED repeats a run, MEMBERSHIP_HISTORIES changes its length.
/// </summary>
public sealed class MembershipProperties(ITestOutputHelper output)
{
    private const int Worlds = 2;
    private const int LongestHistory = 8;

    [Fact]
    public async Task No_history_of_requests_by_those_who_make_no_members_adds_one_or_raises_a_role()
    {
        var (seed, histories) = (Setting("MEMBERSHIP_SEED", Random.Shared.Next()), Setting("MEMBERSHIP_HISTORIES", 1_000));
        output.WriteLine($"MEMBERSHIP_SEED={seed}");
        await using var app = await App.StartWithoutSchedules();
        var tallies = await Task.WhenAll(Enumerable.Range(0, Worlds).Select(async world =>
        {
            var cast = await MembershipWorld.Assemble(app);
            for (var number = world; number < histories; number += Worlds) { await Play(cast, seed, number); }
            return cast.Answers;
        }));

        var all = tallies.SelectMany(tally => tally).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value));
        foreach (var (request, count) in all.OrderBy(pair => pair.Key, StringComparer.Ordinal)) { output.WriteLine($"{request}: {count}"); }
        // A run in which everything is refused proves nothing.
        foreach (var effective in new[] { "SetAddress 200", "GetOrCreate 201", "OpenLink 204", "SendLink 202", "MakeKey 201", "Leave 204" }) { all.Keys.Should().Contain(effective); }
    }

    private static async Task Play(MembershipWorld world, int seed, int number)
    {
        var random = new Random(HashCode(seed, number));
        await world.Reset();
        var history = new List<string>();
        for (var step = random.Next(2, LongestHistory + 1); step > 0; step--) { history.Add(await world.Act(random)); }
        var wrong = await world.Wrong();
        wrong.Should().BeEmpty("history {0} of MEMBERSHIP_SEED={1} was {2}", number, seed, string.Join("; ", history));
    }

    /// <summary>The same on every run; <see cref="System.HashCode"/> is not.</summary>
    private static int HashCode(int seed, int number) => unchecked((seed * 16_777_619) ^ (number * 397));

    private static int Setting(string name, int fallback) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : fallback;
}

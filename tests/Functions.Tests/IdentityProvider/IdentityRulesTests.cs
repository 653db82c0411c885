using CustomerFunctions.Accounts;
using CustomerFunctions.IdentityProvider;

namespace CustomerFunctions.Tests.IdentityProvider;

public sealed class IdentityRulesTests
{
    /// <summary>c = created or updated, d = deleted, with the user and the version; S and E = staff disables and enables.</summary>
    [Theory]
    [InlineData("cA1", false)]
    [InlineData("cA1 dA2", true)]
    [InlineData("cA1 dA2 cB3", false)]
    [InlineData("cA1 dA2 cB3 dA9", false)]
    [InlineData("cA1 dA2 cB3 dB4", true)]
    [InlineData("cA1 cB3 dA2", false)]
    [InlineData("cA1 cB3 dA2 dB4", true)]
    [InlineData("cA1 cB3 dB4", false)]
    [InlineData("cA1 dA2 cA1 dA2", true)]
    [InlineData("cA1 dA2 E", false)]
    [InlineData("cA1 dA2 E cB3 dB4", true)]
    [InlineData("cA1 S cB3 dA2", true)]
    [InlineData("cA1 S dA2 cB3", true)]
    [InlineData("cA1 dA2 S cB3", true)]
    [InlineData("cA1 dA2 E dA3", false)]
    [InlineData("dA2 cA1", false)]
    public void The_latest_event_of_each_user_decides(string history, bool disabled)
    {
        var world = new World();
        foreach (var step in history.Split(' ')) { world.Take(step[0], step.Length > 1 ? step[1..2] : "", step.Length > 2 ? step[2] - '0' : 0); }
        world.Account.Disabled.Should().Be(disabled);
    }

    [Fact]
    public void Any_history_leaves_what_the_latest_events_say()
    {
        for (var seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            var world = new World();
            var (latest, staff, provider, log) = (new Dictionary<string, (long Version, bool Live)>(), false, false, "");
            for (var step = 0; step < 25; step++)
            {
                var (kind, user, version) = ("ccccddddSE"[random.Next(10)], "ABCD"[random.Next(4)].ToString(), (long)random.Next(1, 20));
                log += $" {kind}{user}{version}";
                world.Take(kind, user, version);
                if (kind == 'S') { staff = true; provider = false; }
                else if (kind == 'E') { staff = provider = false; }
                else if (!latest.TryGetValue(user, out var known) || known.Version < version || (known.Version == version && kind == 'd' && !known.Live))
                {
                    var wasOpen = latest.Values.Any(one => one.Live);
                    latest[user] = (version, kind == 'c');
                    var isOpen = latest.Values.Any(one => one.Live);
                    provider = !isOpen && (provider || (wasOpen && !staff));
                }
                world.Account.Disabled.Should().Be(staff || provider, $"of{log} (seed {seed})");
            }
        }
    }

    /// <summary>One account with a proven address that all users have proven, and the marks of deletions.</summary>
    private sealed class World
    {
        private readonly Dictionary<string, long> deleted = [];

        public Account Account { get; private set; } = Account.Start("acc_1", "a@example.com", "A", null, PlatformRole.Customer, "test", DateTimeOffset.UnixEpoch) with { EmailConfirmed = true };

        public void Take(char kind, string user, long version)
        {
            if (kind is 'S' or 'E') { Account = IdentityRules.DecidedByStaff(Account with { Disabled = kind == 'S' }); return; }
            if (kind == 'c' && deleted.GetValueOrDefault(user) >= version) { return; }
            if (kind == 'd') { deleted[user] = Math.Max(version, deleted.GetValueOrDefault(user)); }
            Account = (kind == 'c' ? IdentityRules.Join(Account, user, version) : IdentityRules.Delete(Account, user, version)) ?? Account;
        }
    }
}

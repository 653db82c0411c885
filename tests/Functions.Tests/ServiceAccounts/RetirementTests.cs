using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>An old key goes when nobody uses it any more, or when it has been waited for long enough.</summary>
public sealed class RetirementTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, true)]
    [InlineData(59, true)]
    [InlineData(60, false)]
    [InlineData(600, false)]
    public void A_key_is_kept_when_it_was_used_within_the_last_hour(int minutesAgo, bool isKept)
    {
        var (account, old) = Promoted();
        var over = old.RetireAt!.Value;

        var after = KeyRetirement.Hold(account, old, Use(over - TimeSpan.FromMinutes(minutesAgo)), over);

        (after.RetireAt > over).Should().Be(isKept);
        (after.HeldSince == over).Should().Be(isKept);
        after.LastUsedFrom.Should().Be("203.0.113.7", "it is told either way");
    }

    [Fact]
    public void It_is_kept_for_one_more_overlap_and_no_longer()
    {
        var (account, old) = Promoted();
        var over = old.RetireAt!.Value;
        var (held, now) = (old, over);
        for (var looks = 0; held.RetireAt >= now && looks < 100; looks++)
        {
            var after = KeyRetirement.Hold(account, held, Use(now), now);
            if (after.RetireAt == held.RetireAt) { break; }
            (held, now) = (after, after.RetireAt!.Value);
        }

        now.Should().Be(over + account.Policy.Overlap);
    }

    [Theory]
    [InlineData(90, 90, "an overlap as long as the interval ends with it")]
    [InlineData(90, 60, "the rotation after it is less than an overlap away")]
    [InlineData(2, 2, "short ones too")]
    public void It_is_kept_no_longer_than_until_the_next_rotation_which_waits_for_it(int interval, int overlap, string because)
    {
        var policy = new RotationPolicy(TimeSpan.FromDays(interval), TimeSpan.FromDays(overlap));
        var account = KeyRotation.Start(KeyRotationTests.Rotated(Now - policy.Interval) with { Policy = policy }, RotationTrigger.Scheduled, "schedule", "rot_2", "key_2", Now);
        account = KeyRotation.Promoted(KeyRotation.Created(account, slot: null, "hash-2", Now), "v2", Now);
        var (held, now) = (account.Keys.Single(key => key.State == KeyState.Retiring), Now + policy.Overlap);
        while (KeyRetirement.Hold(account, held, Use(now), now) is var after && after.RetireAt > now) { (held, now) = (after, after.RetireAt!.Value); }

        now.Should().BeOnOrBefore(Now + policy.Interval, because);
    }

    [Fact]
    public void It_is_not_kept_beyond_its_own_end_without_what_ending_it_may_take()
    {
        var (account, old) = Promoted();
        var over = old.RetireAt!.Value;
        old = old with { ExpiresAt = over + RotationRetries.WorstCase(0) + TimeSpan.FromMinutes(20) };

        var held = KeyRetirement.Hold(account, old, Use(over), over);

        held.RetireAt.Should().Be(over + TimeSpan.FromMinutes(20));
        KeyRetirement.Hold(account, held, Use(held.RetireAt!.Value), held.RetireAt.Value).RetireAt.Should().Be(held.RetireAt, "it goes then");
    }

    [Fact]
    public void What_was_found_in_public_and_what_an_emergency_ends_is_not_kept()
    {
        var (account, old) = Promoted();
        var emergency = account with { Rotation = account.Rotation with { Trigger = RotationTrigger.Emergency } };

        KeyRetirement.Hold(account, old with { LeakedAt = Now }, Use(Now), old.RetireAt!.Value).HeldSince.Should().BeNull();
        KeyRetirement.Hold(emergency, old, Use(old.RetireAt.Value), old.RetireAt.Value).HeldSince.Should().BeNull();
    }

    [Fact]
    public async Task Whoever_still_uses_the_old_key_is_named_and_has_one_more_overlap()
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (old, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        await app.Cloud.Advance(RotatedAccount.Overlap - TimeSpan.FromMinutes(10));
        await Use(app, account, old);
        await app.Cloud.Advance(TimeSpan.FromMinutes(11));

        await app.Cloud.RunTimer("RotateServiceAccountKeys");

        var kept = (await app.Admin.Get(account.Path + "/keys")).ShouldBe(200)["value"]!.AsArray()[1]!;
        ((string?)kept["state"]).Should().Be("retiring");
        kept["lastUsedFrom"].Should().NotBeNull();
        kept["heldSince"].Should().NotBeNull();
        (await account.Accepts(old)).Should().BeTrue();
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log")).ShouldBe(200).Body.Should().Contain("serviceAccount.retirementHeld");
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await Use(app, account, old);
        await app.Cloud.RunTimer("RotateServiceAccountKeys");
        await account.ShouldHaveRetired(old);
    }

    [Fact]
    public async Task The_current_key_is_shown_once_asked_for_and_that_is_recorded()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (value, keyId) = await account.Current();

        var shown = (await app.Admin.Post(account.Path + "/keys/current/reveal")).ShouldBe(200);

        ((string?)shown["value"]).Should().Be(value);
        ((string?)shown["keyId"]).Should().Be(keyId);
        shown.ETag.Should().Be($"\"{shown["vaultVersion"]}\"");
        shown.Headers.CacheControl!.NoStore.Should().BeTrue();
        var log = (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log")).ShouldBe(200).Body;
        log.Should().Contain("serviceAccount.keyRevealed").And.NotContain(value);
        (await app.Caller(await app.CreateApiKey(account.CustomerId)).Post(account.Path + "/keys/current/reveal")).ShouldBeRefused(403, "forbidden");
    }

    /// <summary>A use is noted behind its answer.</summary>
    private static async Task Use(App app, RotatedAccount account, string credential)
    {
        (await app.Caller(credential).Get($"/api/customers/{account.CustomerId}")).ShouldBe(200);
        var keyId = (string)(await account.Keys())[1]["id"]!;
        var now = await app.Cloud.Now();
        await Eventually.True(
            async () => (await app.Data.All("customers")).Any(document => (string?)document["id"] == "use-" + keyId && document["lastUsedAt"]!.GetValue<DateTimeOffset>() > now - TimeSpan.FromMinutes(5)),
            TimeSpan.FromSeconds(20), "the use is noted");
    }

    private static (ServiceAccount Account, KeyVersion Old) Promoted()
    {
        var account = KeyRotation.Start(KeyRotationTests.Rotated(Now - TimeSpan.FromDays(90)), RotationTrigger.Scheduled, "schedule", "rot_2", "key_2", Now);
        account = KeyRotation.Promoted(KeyRotation.Created(account, slot: null, "hash-2", Now), "v2", Now);
        return (account, account.Keys.Single(key => key.State == KeyState.Retiring));
    }

    private static KeyVersionUse Use(DateTimeOffset at) => new() { Id = "use-key_1", Type = KeyVersionUse.DocumentType, CustomerId = "cus_1", LastUsedAt = at, LastUsedFrom = "203.0.113.7" };
}

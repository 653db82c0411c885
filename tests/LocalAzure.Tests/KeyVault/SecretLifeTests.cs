using Azure.Security.KeyVault.Secrets;
using LocalAzure.KeyVault;

namespace LocalAzure.Tests.KeyVault;

public sealed class SecretLifeTests : IAsyncLifetime
{
    private Vault vault = null!;

    private SecretClient Secrets => vault.Secrets;

    public async Task InitializeAsync() => vault = await Vault.Start();

    public async Task DisposeAsync() => await vault.DisposeAsync();

    [Fact]
    public async Task A_secret_comes_back_as_it_was_set()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(vault.Clock.GetUtcNow().ToUnixTimeSeconds());
        var secret = new KeyVaultSecret("full", "välue")
        {
            Properties =
            {
                ContentType = "text/plain",
                NotBefore = now.AddDays(1),
                ExpiresOn = now.AddDays(90),
                Tags = { ["keyId"] = "key1" },
            },
        };

        var set = (await Secrets.SetSecretAsync(secret)).Value;
        var got = (await Secrets.GetSecretAsync("full")).Value;

        got.Should().BeEquivalentTo(set);
        got.Value.Should().Be("välue");
        got.Properties.ContentType.Should().Be("text/plain");
        got.Properties.NotBefore.Should().Be(now.AddDays(1));
        got.Properties.ExpiresOn.Should().Be(now.AddDays(90));
        got.Properties.Tags.Should().Equal(new Dictionary<string, string> { ["keyId"] = "key1" });
        got.Properties.Enabled.Should().BeTrue();
        got.Properties.Version.Should().MatchRegex("^[0-9a-f]{32}$");
        got.Properties.CreatedOn.Should().BeCloseTo(now, TimeSpan.FromSeconds(5));
        got.Properties.RecoveryLevel.Should().Be("Recoverable+Purgeable");
        got.Properties.RecoverableDays.Should().Be(90);
    }

    [Fact]
    public async Task A_secret_is_readable_before_its_start_and_after_its_end()
    {
        var now = vault.Clock.GetUtcNow();
        await Secrets.SetSecretAsync(new KeyVaultSecret("early", "a") { Properties = { NotBefore = now.AddYears(1) } });
        await Secrets.SetSecretAsync(new KeyVaultSecret("late", "b") { Properties = { ExpiresOn = now.AddYears(-1) } });

        (await Secrets.GetSecretAsync("early")).Value.Value.Should().Be("a");
        (await Secrets.GetSecretAsync("late")).Value.Value.Should().Be("b");
    }

    [Fact]
    public async Task Every_set_makes_a_version_and_the_newest_is_the_current_one()
    {
        var first = (await Secrets.SetSecretAsync("rotated", "one")).Value;
        await Secrets.SetSecretAsync("Rotated", "two");

        (await Secrets.GetSecretAsync("rotated")).Value.Value.Should().Be("two");
        (await Secrets.GetSecretAsync("rotated", first.Properties.Version)).Value.Value.Should().Be("one");
        (await Secrets.GetPropertiesOfSecretVersionsAsync("ROTATED").CountAsync()).Should().Be(2);
    }

    [Fact]
    public async Task An_update_changes_what_it_names_and_nothing_else()
    {
        var secret = new KeyVaultSecret("updated", "v") { Properties = { ContentType = "a", Tags = { ["x"] = "1" } } };
        var properties = (await Secrets.SetSecretAsync(secret)).Value.Properties;
        vault.Clock.Advance(TimeSpan.FromHours(1));
        properties.ContentType = "b";

        var updated = (await Secrets.UpdateSecretPropertiesAsync(properties)).Value;

        updated.ContentType.Should().Be("b");
        updated.Tags.Should().ContainKey("x");
        updated.Version.Should().Be(properties.Version);
        (updated.UpdatedOn - updated.CreatedOn).Should().BeCloseTo(TimeSpan.FromHours(1), TimeSpan.FromSeconds(5));
        (await Secrets.GetSecretAsync("updated")).Value.Value.Should().Be("v");
    }

    [Fact]
    public async Task A_disabled_newest_version_is_403_even_where_an_older_one_is_enabled()
    {
        var old = (await Secrets.SetSecretAsync("switched", "old")).Value;
        var newest = (await Secrets.SetSecretAsync("switched", "new")).Value;
        newest.Properties.Enabled = false;
        await Secrets.UpdateSecretPropertiesAsync(newest.Properties);

        var get = () => Secrets.GetSecretAsync("switched");
        await new Func<Task>(get).ShouldBeRefused(403, "Forbidden", "SecretDisabled");
        (await Secrets.GetSecretAsync("switched", old.Properties.Version)).Value.Value.Should().Be("old");
    }

    [Fact]
    public async Task Lists_follow_their_next_links_to_the_end_and_hold_no_values()
    {
        for (var i = 0; i < 60; i++) { await Secrets.SetSecretAsync($"listed-{i:00}", $"value-{i}"); }

        var pages = await Secrets.GetPropertiesOfSecretsAsync().AsPages().ToListAsync();

        pages.Select(page => page.Values.Count).Should().Equal(25, 25, 10);
        pages.SelectMany(page => page.Values).Select(p => p.Name).Should().OnlyHaveUniqueItems().And.HaveCount(60);
        (await vault.Send(HttpMethod.Get, "/secrets?maxresults=1")).Body.Should().NotContain("value-");
        (await vault.Send(HttpMethod.Get, "/secrets?maxresults=1")).Body.Should().Contain("maxresults=1\"");
    }

    [Fact]
    public async Task A_name_that_nobody_used_has_an_empty_list_of_versions() =>
        (await Secrets.GetPropertiesOfSecretVersionsAsync("nobody").CountAsync()).Should().Be(0);

    [Fact]
    public async Task A_deleted_secret_can_be_seen_and_recovered_with_all_its_versions()
    {
        await Secrets.SetSecretAsync("back", "one");
        await Secrets.SetSecretAsync("back", "two");

        var deletion = await Secrets.StartDeleteSecretAsync("back");
        var deleted = (await deletion.WaitForCompletionAsync()).Value;
        deleted.RecoveryId.AbsolutePath.Should().Be("/deletedsecrets/back");
        (deleted.ScheduledPurgeDate - deleted.DeletedOn).Should().Be(TimeSpan.FromDays(90));
        (await Secrets.GetDeletedSecretsAsync().ToListAsync()).Should().ContainSingle(s => s.Name == "back");
        (await Secrets.GetPropertiesOfSecretsAsync().CountAsync()).Should().Be(0);
        await new Func<Task>(() => Secrets.GetSecretAsync("back")).ShouldBeRefused(404, "SecretNotFound", "back");
        await new Func<Task>(() => Secrets.SetSecretAsync("back", "x")).ShouldBeRefused(409, "Conflict", "ObjectIsDeletedButRecoverable");

        await (await Secrets.StartRecoverDeletedSecretAsync("back")).WaitForCompletionAsync();
        (await Secrets.GetSecretAsync("back")).Value.Value.Should().Be("two");
        (await Secrets.GetPropertiesOfSecretVersionsAsync("back").CountAsync()).Should().Be(2);
    }

    [Fact]
    public async Task A_purged_name_is_free_again()
    {
        await Secrets.SetSecretAsync("purged", "one");
        await (await Secrets.StartDeleteSecretAsync("purged")).WaitForCompletionAsync();

        await Secrets.PurgeDeletedSecretAsync("purged");

        var get = () => Secrets.GetDeletedSecretAsync("purged");
        await new Func<Task>(get).ShouldBeRefused(404, "SecretNotFound", "Deleted Secret not found: purged");
        await Secrets.SetSecretAsync("purged", "two");
        (await Secrets.GetPropertiesOfSecretVersionsAsync("purged").CountAsync()).Should().Be(1);
    }

    [Fact]
    public async Task A_deleted_secret_leaves_by_itself_when_its_retention_has_passed()
    {
        await Secrets.SetSecretAsync("lapsed", "one");
        await Secrets.StartDeleteSecretAsync("lapsed");
        vault.Clock.Advance(TimeSpan.FromDays(89));
        (await Secrets.GetDeletedSecretAsync("lapsed")).Value.Name.Should().Be("lapsed");

        vault.Clock.Advance(TimeSpan.FromDays(1));

        (await Secrets.GetDeletedSecretsAsync().CountAsync()).Should().Be(0);
        await Secrets.SetSecretAsync("lapsed", "two");
    }

    [Fact]
    public async Task With_purge_protection_nobody_purges_but_time()
    {
        await using var strict = await Vault.Start(new KeyVaultOptions(RetentionDays: 7));
        var set = await strict.Secrets.SetSecretAsync("kept", "one");
        set.Value.Properties.RecoveryLevel.Should().Be("CustomizedRecoverable");
        await strict.Secrets.StartDeleteSecretAsync("kept");

        await new Func<Task>(() => strict.Secrets.PurgeDeletedSecretAsync("kept")).ShouldBeRefused(403, "Forbidden", "Operation \"purge\" is not allowed because purge protection is enabled for this vault.");
        await (await strict.Secrets.StartRecoverDeletedSecretAsync("kept")).WaitForCompletionAsync();
        (await strict.Secrets.GetSecretAsync("kept")).Value.Value.Should().Be("one");
        await (await strict.Secrets.StartDeleteSecretAsync("kept")).WaitForCompletionAsync();
        strict.Clock.Advance(TimeSpan.FromDays(7));
        await strict.Secrets.SetSecretAsync("kept", "two");
    }

    [Fact]
    public async Task A_backup_restores_the_secret_with_its_versions_and_dates()
    {
        await Secrets.SetSecretAsync("saved", "one");
        var newest = (await Secrets.SetSecretAsync("saved", "two")).Value;
        var backup = (await Secrets.BackupSecretAsync("saved")).Value;

        Func<Task> restore = () => Secrets.RestoreSecretBackupAsync(backup);
        await restore.ShouldBeRefused(409, "Conflict", "saved");
        await (await Secrets.StartDeleteSecretAsync("saved")).WaitForCompletionAsync();
        await restore.ShouldBeRefused(409, "Conflict", "ObjectIsDeletedButRecoverable");
        await Secrets.PurgeDeletedSecretAsync("saved");
        await Secrets.RestoreSecretBackupAsync(backup);

        (await Secrets.GetSecretAsync("saved")).Value.Should().BeEquivalentTo(newest);
        (await Secrets.GetPropertiesOfSecretVersionsAsync("saved").CountAsync()).Should().Be(2);
        System.Text.Encoding.UTF8.GetString(backup).Should().NotContain("two");
    }

    [Fact]
    public async Task A_backup_takes_500_versions_and_refuses_one_more()
    {
        for (var i = 0; i < 500; i++) { await Secrets.SetSecretAsync("many", $"{i}"); }
        (await Secrets.BackupSecretAsync("many")).Value.Should().NotBeEmpty();

        await Secrets.SetSecretAsync("many", "500");

        await new Func<Task>(() => Secrets.BackupSecretAsync("many")).ShouldBeRefused(400, "BadParameter", "500");
    }
}

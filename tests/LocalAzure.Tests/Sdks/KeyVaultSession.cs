using Azure.Security.KeyVault.Secrets;

namespace LocalAzure.Tests.Sdks;

/// <summary>Every operation of <see cref="SecretClient"/>.</summary>
internal static class KeyVaultSession
{
    public static async Task Play(Session session, SecretClient secrets)
    {
        var set = (await session.Ok(secrets, c => c.SetSecretAsync("sdk-one", "first"))).Value;
        set.Properties.Version.Should().NotBeNullOrEmpty();
        await secrets.SetSecretAsync("sdk-one", "second");
        (await session.Ok(secrets, c => c.GetSecretAsync("sdk-one"))).Value.Value.Should().Be("second");
        (await secrets.GetSecretAsync("sdk-one", set.Properties.Version)).Value.Value.Should().Be("first");
        await session.Refused(secrets, "outContentType", c => c.GetSecretAsync("sdk-one", null, SecretContentType.Pem));
        (await session.All(secrets, c => c.GetPropertiesOfSecretsAsync())).Select(found => found.Name).Should().Contain("sdk-one");
        (await session.All(secrets, c => c.GetPropertiesOfSecretVersionsAsync("sdk-one"))).Should().HaveCount(2);

        set.Properties.ContentType = "text/plain";
        set.Properties.Tags["team"] = "platform";
        var updated = (await session.Ok(secrets, c => c.UpdateSecretPropertiesAsync(set.Properties))).Value;
        (updated.ContentType, updated.Tags["team"]).Should().Be(("text/plain", "platform"));

        var backup = (await session.Ok(secrets, c => c.BackupSecretAsync("sdk-one"))).Value;
        await Deleted(session, secrets);
        (await session.Ok(secrets, c => c.GetDeletedSecretAsync("sdk-one"))).Value.ScheduledPurgeDate.Should().NotBeNull();
        (await session.All(secrets, c => c.GetDeletedSecretsAsync())).Select(found => found.Name).Should().Contain("sdk-one");

        var recovery = await session.Ok(secrets, c => c.StartRecoverDeletedSecretAsync("sdk-one"));
        await session.Ok(recovery, o => o.UpdateStatusAsync().AsTask());
        (await session.Ok(recovery, o => o.WaitForCompletionAsync(default).AsTask())).Value.Name.Should().Be("sdk-one");
        session.Local(recovery, o => o.GetRawResponse()).Status.Should().Be(200);

        await Deleted(session, secrets);
        (await session.Ok(secrets, c => c.PurgeDeletedSecretAsync("sdk-one"))).Status.Should().Be(204);
        (await session.Ok(secrets, c => c.RestoreSecretBackupAsync(backup))).Value.Name.Should().Be("sdk-one");
        (await secrets.GetSecretAsync("sdk-one")).Value.Value.Should().Be("second");
    }

    private static async Task Deleted(Session session, SecretClient secrets)
    {
        var deletion = await session.Ok(secrets, c => c.StartDeleteSecretAsync("sdk-one"));
        await session.Ok(deletion, o => o.UpdateStatusAsync().AsTask());
        (await session.Ok(deletion, o => o.WaitForCompletionAsync(default).AsTask())).Value.Name.Should().Be("sdk-one");
        session.Local(deletion, o => o.GetRawResponse()).Status.Should().Be(200);
    }
}

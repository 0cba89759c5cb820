"""CAD files, products and media assets: the schema that the nine steps of 0.1.0 made."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models, transaction
from django.db.utils import DatabaseError

TRIGRAMS = {
    'product_number_trigrams': ('media_assets_product', 'number'),
    'product_name_trigrams': ('media_assets_product', 'name'),
    'cadfile_name_trigrams': ('media_assets_cadfile', 'original_name'),
}


def index_words(apps, schema_editor):
    """Let PostgreSQL find parts of words by an index. A role that may not create the extension goes without."""
    connection = schema_editor.connection
    if connection.vendor != 'postgresql':
        return
    try:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.execute('CREATE EXTENSION IF NOT EXISTS pg_trgm')
    except DatabaseError:
        return
    for name, (table, column) in TRIGRAMS.items():
        schema_editor.execute(
            f'CREATE INDEX "{name}" ON "{table}" USING gin (UPPER("{column}") gin_trgm_ops)'
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        for name in TRIGRAMS:
            schema_editor.execute(f'DROP INDEX IF EXISTS "{name}"')


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('media_assets', '0001_initial'),
        ('media_assets', '0002_reading_options'),
        ('media_assets', '0003_cad_document'),
        ('media_assets', '0004_film_poster'),
        ('media_assets', '0005_tree_key'),
        ('media_assets', '0006_product_pause'),
        ('media_assets', '0007_made_on'),
        ('media_assets', '0008_standing'),
        ('media_assets', '0009_long_lists'),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CadFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(editable=False, max_length=64, unique=True, verbose_name='SHA-256')),
                ('file', models.FileField(editable=False, max_length=200, upload_to='', verbose_name='file')),
                ('original_name', models.CharField(editable=False, max_length=255, verbose_name='original name')),
                ('bytes', models.PositiveBigIntegerField(editable=False, verbose_name='bytes')),
                ('format', models.CharField(blank=True, editable=False, help_text='step, iges, brep, glb, stl, obj', max_length=10, verbose_name='format')),
                ('schema', models.CharField(blank=True, editable=False, help_text='e.g. AP214, AP242', max_length=100, verbose_name='schema')),
                ('unit', models.CharField(blank=True, editable=False, help_text='Length unit of the file', max_length=20, verbose_name='unit')),
                ('code_page', models.CharField(blank=True, choices=[('utf-8', 'Unicode (UTF-8)'), ('cp1251', 'Cyrillic (CP1251)'), ('gbk', 'Chinese (GBK)'), ('latin-1', 'Western European (Latin-1)')], help_text='Encoding of the names in the file. Empty: detected automatically.', max_length=10, verbose_name='code page')),
                ('stated_unit', models.CharField(blank=True, choices=[('mm', 'Millimeter'), ('cm', 'Centimeter'), ('m', 'Meter'), ('inch', 'Inch')], help_text='The length unit of an STL or OBJ file: such files do not contain it.', max_length=5, verbose_name='length unit')),
                ('size_mm', models.JSONField(blank=True, default=None, editable=False, help_text='[x, y, z], from the mesh', null=True, verbose_name='size (mm)')),
                ('parts', models.PositiveIntegerField(editable=False, help_text='Distinct parts with geometry', null=True, verbose_name='parts')),
                ('instances', models.PositiveIntegerField(editable=False, help_text='Placed parts', null=True, verbose_name='instances')),
                ('triangles', models.PositiveIntegerField(editable=False, null=True, verbose_name='triangles')),
                ('tree', models.JSONField(blank=True, default=dict, editable=False, verbose_name='product tree')),
                ('tree_key', models.CharField(blank=True, editable=False, help_text='SHA-256 of the tree; empty without one', max_length=64, verbose_name='tree key')),
                ('report', models.JSONField(blank=True, default=dict, editable=False, verbose_name='ingest report')),
                ('state', models.CharField(choices=[('uploaded', 'Uploaded'), ('tessellating', 'Tessellating'), ('ready', 'Ready'), ('failed', 'Failed')], default='uploaded', editable=False, max_length=12, verbose_name='state')),
                ('error_code', models.CharField(blank=True, editable=False, max_length=40, verbose_name='error code')),
                ('error', models.TextField(blank=True, editable=False, verbose_name='error')),
                ('created', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('uploaded_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'CAD file',
                'ordering': ['-created', '-id'],
                'indexes': [models.Index(fields=['state'], name='cadfile_state'), models.Index(fields=['-created', '-id'], name='cadfile_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error_code', ''), _negated=True), _connector='OR'), name='cadfile_failed_has_code'), models.CheckConstraint(condition=models.Q(('code_page__in', ['', 'utf-8', 'cp1251', 'gbk', 'latin-1'])), name='cadfile_known_code_page'), models.CheckConstraint(condition=models.Q(('stated_unit__in', ['', 'mm', 'cm', 'm', 'inch'])), name='cadfile_known_unit')],
                'verbose_name_plural': 'CAD files',
                'permissions': [('archive_cadfile', 'Can archive CAD files')],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=100, unique=True, validators=[django.core.validators.RegexValidator('^[\\w][\\w .+-]{0,98}\\Z', 'Use 1 to 99 letters, digits, spaces, dots, plus signs, hyphens and underscores, starting with a letter or digit.')], verbose_name='number')),
                ('name', models.CharField(blank=True, max_length=255, verbose_name='name')),
                ('created', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('revised', models.DateTimeField(blank=True, editable=False, help_text='When it got its current CAD file', null=True, verbose_name='revised')),
                ('revisions', models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text='How many CAD files it has had; 1: its first', verbose_name='revisions')),
                ('paused_since', models.DateTimeField(blank=True, editable=False, help_text='No new jobs are started for it.', null=True, verbose_name='paused since')),
                ('paused_by', models.CharField(blank=True, db_default='', default='', editable=False, help_text='Name of the user or program', max_length=200, verbose_name='paused by')),
                ('cad_file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='media_assets.cadfile', verbose_name='current CAD file')),
            ],
            options={
                'ordering': ['number'],
                'indexes': [models.Index(condition=models.Q(('paused_since__isnull', False)), fields=['id'], name='product_paused')],
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'permissions': [('archive_product', 'Can archive products')],
            },
        ),
        migrations.CreateModel(
            name='MediaAsset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('gltf_geometry', 'GLB geometry'), ('usd_master', 'USD master'), ('cad_document', 'CAD document'), ('derived_geometry', 'Section, exploded view or lines'), ('render_master', 'Render master'), ('thumbnail', 'Thumbnail'), ('still', 'Still'), ('turntable', 'Turntable'), ('spin', '360° spin'), ('model', '3-D model'), ('drawing', 'Line drawing'), ('shadow', 'Shadow'), ('passes', 'Render pass'), ('balloons', 'Picture with balloons'), ('book', 'Spare-parts book')], max_length=20, verbose_name='kind')),
                ('file', models.FileField(max_length=200, upload_to='', verbose_name='file')),
                ('mime_type', models.CharField(max_length=60, verbose_name='MIME type')),
                ('bytes', models.PositiveBigIntegerField(verbose_name='bytes')),
                ('width', models.PositiveIntegerField(blank=True, help_text='px', null=True, verbose_name='width')),
                ('height', models.PositiveIntegerField(blank=True, help_text='px', null=True, verbose_name='height')),
                ('duration', models.FloatField(blank=True, help_text='s', null=True, verbose_name='duration')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='SHA-256')),
                ('poster', models.FileField(blank=True, help_text='Small picture of a film, for lists', max_length=200, upload_to='', verbose_name='poster')),
                ('recipe_key', models.CharField(max_length=64, verbose_name='recipe key')),
                ('view_key', models.CharField(blank=True, help_text='Recipe of the picture without its size: all masters of a view have the same', max_length=64, verbose_name='view key')),
                ('recipe', models.JSONField(default=dict, verbose_name='recipe')),
                ('receipt', models.JSONField(default=dict, verbose_name='receipt')),
                ('made_on', models.CharField(blank=True, db_default='', default='', help_text='The device in the receipt: name of a GPU, CPU, or CPU instead of GPU', max_length=200, verbose_name='made on')),
                ('standing', models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of delivered files: current, earlier or replaced', max_length=8, verbose_name='delivery state')),
                ('created', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('produced', models.DateTimeField(default=django.utils.timezone.now, help_text='When the current bytes were made', verbose_name='produced')),
                ('cad_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='media_assets.cadfile', verbose_name='CAD file')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assets', to='media_assets.product', verbose_name='product')),
            ],
            options={
                'ordering': ['-produced', '-id'],
                'indexes': [models.Index(fields=['kind', 'view_key', '-width'], name='asset_view'), models.Index(fields=['cad_file', 'kind', '-produced'], name='asset_cad_kind'), models.Index(fields=['-produced', '-id'], name='asset_newest'), models.Index(fields=['made_on', '-produced', '-id'], name='asset_made_on'), models.Index(fields=['standing', '-produced', '-id'], name='asset_standing'), models.Index(fields=['mime_type', '-produced', '-id'], name='asset_format'), models.Index(fields=['kind', '-produced', '-id'], name='asset_kind'), models.Index(fields=['recipe_key'], name='asset_recipe')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'recipe_key'), name='asset_one_per_recipe'), models.CheckConstraint(condition=models.Q(('recipe_key', ''), _negated=True), name='asset_has_recipe'), models.CheckConstraint(condition=models.Q(('bytes__gt', 0)), name='asset_not_empty')],
                'verbose_name': 'media asset',
                'verbose_name_plural': 'media assets',
                'permissions': [('archive_mediaasset', 'Can archive pictures and films')],
            },
        ),
        migrations.RunPython(index_words, drop),
    ]

"""Sections, exploded views, parts, print, spins, drawings, channels, variants, approval, alerts and the API: the schema since 0.1.0."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import rendering.models.event
import rendering.models.preferences
import rendering.models.webhook
import uuid
from django.conf import settings
from django.db import migrations, models

CHOSEN = {
    "on_finished": ["order.finished"],
    "on_failed": ["order.failed", "order.held"],
    "on_canceled": ["order.canceled"],
}

KNOWN = {
    7850: (
        *("polished_steel", "ground_steel", "machined_steel", "sheet_steel", "black_oxide"),
        *("zinc_blue", "zinc_yellow"),
    ),
    7900: ("stainless_brushed",),
    7200: ("cast_iron",),
    2700: ("aluminium", "anodised_natural", "anodised_black", "anodised_colour"),
    8500: ("brass",),
    8800: ("bronze",),
    8960: ("copper",),
    1200: ("rubber", "rubber_colour"),
    1050: ("plastic", "plastic_glossy", "plastic_matt"),
    1410: ("pom_white",),
    1850: ("pcb",),
    2500: ("glass",),
    1190: ("acrylic",),
}
"""Of the built-in finishes, kg/m3, as material tables have them. Paint says nothing of what is below it."""

NAMES = {
    "aluminium": ("Aluminium", "Aluminum"),
    "anodised_natural": ("Anodised aluminium, natural", "Anodized aluminum, natural"),
    "anodised_black": ("Anodised aluminium, black", "Anodized aluminum, black"),
    "anodised_colour": ("Anodised aluminium, CAD colour", "Anodized aluminum, CAD color"),
    "rubber_colour": ("Rubber, CAD colour", "Rubber, CAD color"),
    "plastic": ("Plastic, CAD colour", "Plastic, CAD color"),
    "plastic_matt": ("Plastic, matt", "Plastic, matte"),
    "paint": ("Paint, CAD colour", "Paint, CAD color"),
    "paint_matt": ("Paint, matt", "Paint, matte"),
}

# Every second a running job writes its lease and its progress. In a page with room that touches no index (HOT).
# The defaults look at a table when a fifth of it is dead: of a million rows that is hours of claims.
TABLES = {
    'rendering_job': 'fillfactor = 80, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.01, '
    'autovacuum_analyze_scale_factor = 0.02',
    'rendering_attempt': 'fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02',
    'gpu_worker': 'fillfactor = 50, autovacuum_vacuum_threshold = 100',
}
PARAMETERS = 'fillfactor, autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor'


def name_events(apps, schema_editor):
    """Write down by name what each webhook had chosen."""
    for hook in apps.get_model("rendering", "Webhook").objects.using(schema_editor.connection.alias):
        hook.events = [name for field, names in CHOSEN.items() if getattr(hook, field) for name in names]
        hook.save(update_fields=["events"])


def set_densities(apps, schema_editor):
    finishes = apps.get_model("rendering", "Finish").objects.using(schema_editor.connection.alias)
    for density, slugs in KNOWN.items():
        finishes.filter(slug__in=slugs).update(density=density)


def rename_finishes(apps, schema_editor):
    finishes = apps.get_model("rendering", "Finish").objects.using(schema_editor.connection.alias)
    for slug, (shipped, name) in NAMES.items():
        if not finishes.filter(name=name).exists():  # names are unique, and somebody may have taken this one
            finishes.filter(slug=slug, name=shipped).update(name=name)


def tune(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        for table, values in TABLES.items():
            schema_editor.execute(f'ALTER TABLE {table} SET ({values})')


def untune(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        for table in TABLES:
            schema_editor.execute(f'ALTER TABLE {table} RESET ({PARAMETERS})')


def add(model_name, **fields):
    return [migrations.AddField(model_name, name, field) for name, field in fields.items()]


class Migration(migrations.Migration):

    replaces = [
        ('rendering', '0003_spelling'),
        ('rendering', '0004_error_details'),
        ('rendering', '0005_log_ins'),
        ('rendering', '0006_held'),
        ('rendering', '0007_archived'),
        ('rendering', '0008_api'),
        ('rendering', '0009_events'),
        ('rendering', '0010_preferences'),
        ('rendering', '0011_claims'),
        ('rendering', '0012_approval'),
        ('rendering', '0013_form_token'),
        ('rendering', '0014_channels'),
        ('rendering', '0015_names'),
        ('rendering', '0016_kinds'),
        ('rendering', '0017_variants'),
        ('rendering', '0018_signed'),
        ('rendering', '0019_web_models'),
        ('rendering', '0020_section'),
        ('rendering', '0021_density'),
        ('rendering', '0022_hidden_parts'),
        ('rendering', '0023_print'),
        ('rendering', '0024_exploded_view'),
        ('rendering', '0025_parts_shown'),
        ('rendering', '0026_spins'),
        ('rendering', '0027_drawing'),
        ('rendering', '0028_parts_one_by_one'),
        ('rendering', '0029_passes'),
        ('rendering', '0030_balloons'),
        ('rendering', '0031_textures'),
        ('rendering', '0032_book'),
        ('rendering', '0033_drawn_edges'),
        ('rendering', '0034_letters_of_names'),
        ('rendering', '0035_american_names'),
        ('rendering', '0036_studios'),
        ('rendering', '0037_exact_lines'),
        ('rendering', '0038_labels'),
        ('rendering', '0039_rows'),
    ]

    dependencies = [
        ('gpu', '0002_since_0_1_0'),
        ('media_assets', '0002_since_0_1_0'),
        ('rendering', '0002_defaults'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField('outputtype', 'background_colour', 'background_color'),
        migrations.RenameField('outputtype', 'gradient_colour', 'gradient_color'),
        migrations.RenameField('finish', 'colour', 'color'),
        migrations.RenameField('materialrule', 'colours', 'colors'),
        migrations.RenameField('environment', 'licence', 'license'),
        migrations.RenameField('order', 'tells', 'wants_email'),
        migrations.CreateModel(
            name='ColorProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('icc', models.BinaryField()),
                ('sha256', models.CharField(editable=False, max_length=64, unique=True, verbose_name='SHA-256')),
                ('description', models.CharField(editable=False, help_text='What the profile says of itself', max_length=200)),
                ('created', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'verbose_name': 'color profile',
                'verbose_name_plural': 'color profiles',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Studio',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('file', models.FileField(editable=False, max_length=200, upload_to='')),
                ('sha256', models.CharField(editable=False, max_length=64, unique=True, verbose_name='SHA-256')),
                ('original_name', models.CharField(editable=False, max_length=255)),
                ('license', models.CharField(blank=True, help_text='Where it is from and who may use it', max_length=200)),
                ('created', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('summary', models.JSONField(default=dict, editable=False)),
            ],
            options={
                'verbose_name': 'studio',
                'verbose_name_plural': 'studios',
                'ordering': ['name'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Texture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('file', models.FileField(editable=False, max_length=200, upload_to='')),
                ('sha256', models.CharField(editable=False, max_length=64, unique=True, verbose_name='SHA-256')),
                ('original_name', models.CharField(editable=False, max_length=255)),
                ('width', models.PositiveIntegerField(editable=False, help_text='px')),
                ('height', models.PositiveIntegerField(editable=False, help_text='px')),
                ('license', models.CharField(blank=True, help_text='Where it is from and who may use it', max_length=200)),
                ('created', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('color', models.CharField(editable=False, help_text='Shown where there is no texture: in web models', max_length=7, verbose_name='mean color')),
                ('is_clear', models.BooleanField(db_default=False, default=False, editable=False, help_text='In places; for labels alone', verbose_name='transparent')),
            ],
            options={
                'verbose_name': 'texture',
                'verbose_name_plural': 'textures',
                'ordering': ['name'],
                'abstract': False,
            },
        ),
        migrations.RemoveConstraint('outputtype', 'outputtype_format_fits_kind'),
        migrations.RemoveConstraint('outputtype', 'outputtype_frames_only_for_turntables'),
        migrations.RemoveConstraint('outputtype', 'outputtype_opaque_format_has_background'),
        migrations.AlterField('outputtype', 'format', models.CharField(choices=[('png', 'PNG'), ('jpg', 'JPEG'), ('webp', 'WebP'), ('avif', 'AVIF'), ('tiff', 'TIFF'), ('exr', 'OpenEXR (scene-linear)'), ('mp4', 'MP4 (H.264)'), ('webm', 'WebM (VP9)'), ('awebp', 'Animated WebP'), ('jpg360', 'Spin, JPEG (ZIP)'), ('webp360', 'Spin, WebP (ZIP)'), ('glb', 'GLB (glTF 2.0)'), ('svg', 'SVG'), ('pdf', 'PDF'), ('webpage', 'Web page (ZIP)'), ('dxf', 'DXF'), ('ids', 'Part ids: PNG and legend (ZIP)'), ('mattes', 'Cryptomatte (OpenEXR)'), ('depth', 'Depth in mm (OpenEXR)'), ('normals', 'Normals (OpenEXR)'), ('depthpng', 'Depth (PNG, 16 bit)'), ('normalspng', 'Normals (PNG, 16 bit)'), ('hotspots', 'Hot-spots: page, SVG, JSON (ZIP)'), ('usdz', 'USDZ (AR Quick Look)')], default='png', max_length=10)),
        *add(
            'outputtype',
            archived_at=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived'),
            instead_of=models.ForeignKey(blank=True, editable=False, help_text='The picture beside which these settings are tried', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='alternatives', to='media_assets.mediaasset'),
            needs_approval=models.BooleanField(db_default=False, default=False, help_text='Pictures are not released (downloads, share links, API, webhooks) until somebody approves them. This also applies to those that were delivered before.', verbose_name='needs approval'),
            dpi=models.PositiveSmallIntegerField(blank=True, help_text='Written into the file for print programs. Empty: none.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9600)], verbose_name='resolution (dpi)'),
            max_bytes=models.PositiveIntegerField(blank=True, help_text='The quality, or the number of triangles, is lowered in steps until the file fits. Empty: no limit, for 3-D models 5 MB.', null=True, validators=[django.core.validators.MinValueValidator(1000)], verbose_name='largest file (bytes)'),
            product_data=models.BooleanField(db_default=False, default=False, help_text='Number, name and identifiers of the product, as XMP', verbose_name='embed product data'),
            signed=models.BooleanField(db_default=False, default=False, help_text='A manifest in the file, signed with the key of this installation, says of which CAD file it was made and how, and that no byte was changed since.', verbose_name='sign (C2PA)'),
            compress=models.BooleanField(db_default=True, default=True, help_text='GLB, with Draco: a tenth of the size. Without it, programs open it that know no Draco.', verbose_name='compress'),
            max_triangles=models.PositiveIntegerField(db_default=100000, default=100000, help_text='All instances counted. What has more is simplified; the file says by how much.', validators=[django.core.validators.MinValueValidator(100), django.core.validators.MaxValueValidator(10000000)], verbose_name='most triangles'),
            section=models.CharField(blank=True, choices=[('half', 'Half section: one plane'), ('quarter', 'Quarter section: a quarter is taken away')], db_default='', default='', help_text='Cuts the product open. Empty: it is shown whole.', max_length=7),
            section_angle=models.FloatField(db_default=0.0, default=0.0, help_text='Turns the planes about the upright axis, or tilts one seen from the top', validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)], verbose_name='section angle (°)'),
            section_from=models.CharField(choices=[('front', 'Front'), ('right', 'Right'), ('top', 'Top')], db_default='front', default='front', max_length=5, verbose_name='section seen from'),
            section_hatched=models.BooleanField(db_default=False, default=False, help_text='Lines in another direction for each part. Otherwise cut faces are plain.', verbose_name='hatch cut faces'),
            section_offset=models.FloatField(db_default=0.0, default=0.0, help_text="From the middle toward the viewer, in percent of the product's length in this direction", validators=[django.core.validators.MinValueValidator(-50), django.core.validators.MaxValueValidator(50)], verbose_name='section offset (%)'),
            section_other_side=models.BooleanField(db_default=False, default=False, verbose_name='take the other side away'),
            section_part=models.CharField(blank=True, db_default='', default='', help_text='Name or part key, with * for any characters: the planes go through the axis or the middle of this part. Empty: through the middle of the product.', max_length=200, verbose_name='section through part'),
            section_uncut=models.BooleanField(db_default=True, default=True, help_text='As technical drawings have it. By name and by shape.', verbose_name='leave fasteners, shafts and balls whole'),
            black_point=models.BooleanField(db_default=True, default=True, help_text="Keeps detail in dark parts that the press can't print as dark.", verbose_name='black point compensation'),
            clipping_path=models.BooleanField(db_default=False, default=False, help_text='The outline of the product as a path in the file, by which layout programs cut it out.', verbose_name='clipping path'),
            intent=models.CharField(choices=[('relative', 'Relative colorimetric'), ('perceptual', 'Perceptual')], default='relative', max_length=10, verbose_name='rendering intent'),
            color_profile=models.ForeignKey(blank=True, help_text='For print: colors are converted to this press. Empty: sRGB.', null=True, on_delete=django.db.models.deletion.PROTECT, to='rendering.colorprofile', to_field='sha256', verbose_name='CMYK profile'),
            exploded=models.CharField(blank=True, choices=[('apart', 'As far as it comes apart'), ('forced', 'Interlocked parts as well, through each other')], db_default='', default='', help_text='Takes the product apart. Empty: it is shown assembled.', max_length=6, verbose_name='exploded view'),
            exploded_depth=models.PositiveSmallIntegerField(blank=True, help_text='Of the product tree. Deeper subassemblies stay together. Empty: as the product says, or all.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='levels that open'),
            exploded_lines=models.BooleanField(db_default=True, default=True, help_text='Along the ways of the parts', verbose_name='leader lines'),
            exploded_motion=models.CharField(choices=[('turn', 'Turn the exploded product'), ('assembly', 'Take it apart, turn it, put it together')], db_default='turn', default='turn', max_length=8, verbose_name='film'),
            part_color=models.CharField(blank=True, db_default='', default='', help_text='Marks them. Empty: as they are.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Write the color as #rrggbb.')], verbose_name='color of the parts'),
            part_key=models.CharField(blank=True, db_default='', default='', help_text='A part key of the product tree, with * for any characters', max_length=1000, verbose_name='parts in this place'),
            part_words=models.CharField(blank=True, db_default='', default='', help_text='Words separated by commas, with * for any characters, ? for one and # for a digit', max_length=1000, verbose_name='parts with these names'),
            parts=models.CharField(blank=True, choices=[('some', 'These parts'), ('each', 'One part of each kind')], db_default='', default='', help_text='What the picture is about. Empty: the whole product. One part of each kind: a picture for every row of the parts list, of the part by itself, or where it is with the other parts shown.', max_length=4),
            rest=models.CharField(choices=[('hidden', 'Hidden'), ('ghost', 'Gray ghost'), ('glass', 'Clear glass'), ('outline', 'Outline')], db_default='hidden', default='hidden', max_length=7, verbose_name='other parts'),
            rest_opacity=models.FloatField(db_default=0.15, default=0.15, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='opacity of ghosts'),
            hidden_lines=models.BooleanField(db_default=False, default=False, help_text='Dashed, in the views from the front, the top and the right', verbose_name='hidden lines'),
            edge_color=models.CharField(blank=True, db_default='', default='', help_text='Lines along sharp edges and outlines, as illustrators draw them. Empty: none.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Write the color as #rrggbb.')], verbose_name='color of drawn edges'),
            studio=models.ForeignKey(blank=True, help_text='For lighting by your own studio', null=True, on_delete=django.db.models.deletion.PROTECT, to='rendering.studio', verbose_name='studio'),
            exact_lines=models.BooleanField(db_default=False, default=False, help_text='Curves stay curves. Takes up to two minutes more; a view that takes longer has polygonal lines, and the page of the file says so.', verbose_name='exact lines'),
            highest_row=models.FloatField(db_default=60.0, default=60.0, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)], verbose_name='highest row (°)'),
            lowest_row=models.FloatField(db_default=0.0, default=0.0, help_text='Elevation of its camera; below 0 there is no ground', validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)], verbose_name='lowest row (°)'),
            rows=models.PositiveSmallIntegerField(db_default=1, default=1, help_text='Turns, each from a camera of its own height. With more than one, the camera moves on an arc around the product, at one distance.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36)]),
        ),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(('section_offset__gte', -50), ('section_offset__lte', 50)), name='outputtype_section_offset_in_range', violation_error_message='The offset of a section is -50 to 50 percent.')),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(('rest_opacity__gte', 0), ('rest_opacity__lte', 1)), name='outputtype_opacity_in_range', violation_error_message='The opacity of ghosts is 0 to 1.')),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(models.Q(('fps__gte', 1), ('frames__gte', 2), ('kind__in', ('turntable',))), models.Q(('fps__isnull', True), ('frames__gte', 2), ('kind__in', ('spin',))), models.Q(models.Q(('kind__in', ('turntable', 'spin')), _negated=True), ('fps__isnull', True), ('frames__isnull', True)), _connector='OR'), name='outputtype_frames_only_for_turntables', violation_error_message='A turntable needs 2 or more frames and a frame rate, a spin only frames. Other kinds have neither.')),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(models.Q(('format__in', ('jpg', 'mp4', 'jpg360')), _negated=True), models.Q(('background', 'transparent'), _negated=True), _connector='OR'), name='outputtype_opaque_format_has_background', violation_error_message='JPEG, MP4 and JPEG spins have no transparency: choose a color or gradient background.')),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(models.Q(('parts', 'some'), _negated=True), models.Q(('part_key', ''), ('part_words', ''), _negated=True), _connector='OR'), name='outputtype_parts_are_named', violation_error_message='Say which parts: by their names, or by their place.')),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(models.Q(('studio__isnull', False), ('lighting', 'studio')), models.Q(models.Q(('lighting', 'studio'), _negated=True), ('studio__isnull', True)), _connector='OR'), name='outputtype_studio_only_for_its_lighting', violation_error_message='A studio belongs to the lighting “Studio of your own”, which needs one.')),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(models.Q(('format__in', ('png', 'jpg', 'webp', 'avif', 'tiff', 'exr')), ('kind__in', ['thumbnail', 'still', 'shadow'])), models.Q(('format__in', ('mp4', 'webm', 'awebp')), ('kind__in', ['turntable'])), models.Q(('format__in', ('jpg360', 'webp360')), ('kind__in', ['spin'])), models.Q(('format__in', ('glb', 'usdz')), ('kind__in', ['model'])), models.Q(('format__in', ('svg', 'pdf', 'dxf')), ('kind__in', ['drawing'])), models.Q(('format__in', ('ids', 'mattes', 'depth', 'normals', 'depthpng', 'normalspng')), ('kind__in', ['passes'])), models.Q(('format__in', ('png', 'jpg', 'webp', 'svg', 'hotspots')), ('kind__in', ['balloons'])), models.Q(('format__in', ('pdf', 'webpage')), ('kind__in', ['book'])), _connector='OR'), name='outputtype_format_fits_kind', violation_error_message="Files of this kind can't have this format. Choose another one.")),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(('rows__gte', 1), ('rows__lte', 36), models.Q(('frames__isnull', True), ('frames__lte', django.db.models.expressions.CombinedExpression(models.Value(3600), '/', models.F('rows'))), _connector='OR')), name='outputtype_rows_in_range', violation_error_message='A spin has 1 to 36 rows and at most 3600 frames in all of them.')),
        migrations.AddConstraint('outputtype', models.CheckConstraint(condition=models.Q(('highest_row__lte', 90), ('lowest_row__gte', -90), ('lowest_row__lt', models.F('highest_row'))), name='outputtype_rows_rise', violation_error_message='The highest row is above the lowest one; both are from -90° to 90°.')),
        *add(
            'finish',
            density=models.FloatField(blank=True, help_text="Of the material below this surface, for masses in parts lists. Empty: not known.", null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(25000)], verbose_name="density (kg/m³)"),
            texture_mapping=models.CharField(choices=[('box', 'from all six sides'), ('cylinder', 'around the axis')], db_default='box', default='box', help_text='Around the axis: on turned parts alone; all others are covered as a box. The width may change by up to a tenth so that the picture closes around the part.', max_length=10, verbose_name='mapping'),
            texture_mm=models.FloatField(db_default=100.0, default=100.0, help_text='How many mm of the part one repeat covers', validators=[django.core.validators.MinValueValidator(0.1), django.core.validators.MaxValueValidator(10000.0)], verbose_name='width (mm)'),
            texture_relief=models.FloatField(db_default=0.0, default=0.0, help_text='How far white lies above black, by shading: 0 is flat, below 0 black lies above white', validators=[django.core.validators.MinValueValidator(-5.0), django.core.validators.MaxValueValidator(5.0)], verbose_name='relief (mm)'),
            texture=models.ForeignKey(blank=True, help_text='Repeated over the part, and multiplied by the color above: for the picture as it is, choose white (#ffffff) and 0 for the CAD color.', limit_choices_to={'is_clear': False}, null=True, on_delete=django.db.models.deletion.PROTECT, to='rendering.texture', verbose_name='texture'),
        ),
        migrations.AddConstraint('finish', models.CheckConstraint(condition=models.Q(('texture_mm__gte', 0.1), ('texture_mm__lte', 10000.0), ('texture_relief__gte', -5.0), ('texture_relief__lte', 5.0)), name='finish_texture_in_range', violation_error_message='A texture is 0.1 to 10000 mm wide, and its relief -5 to 5 mm.')),
        *add(
            'webhook',
            address_hours=models.PositiveSmallIntegerField(default=72, help_text='Messages about pictures hold an address that opens the file without a log-in until then. 0: none, the receiver needs an API token.', validators=[django.core.validators.MaxValueValidator(8784)], verbose_name='addresses are valid for (hours)'),
            events=models.JSONField(blank=True, default=rendering.models.event.usual_events, help_text='What it is notified of', validators=[rendering.models.webhook.check_events]),
        ),
        migrations.RunPython(name_events, migrations.RunPython.noop),
        migrations.RemoveField('webhook', 'on_canceled'),
        migrations.RemoveField('webhook', 'on_failed'),
        migrations.RemoveField('webhook', 'on_finished'),
        *add(
            'webhook',
            old_secret=models.CharField(blank=True, editable=False, help_text='The one before it was rotated', max_length=120),
            old_secret_until=models.DateTimeField(blank=True, editable=False, help_text='Messages are signed with both until then', null=True),
        ),
        migrations.AlterField('notification', 'order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='rendering.order')),
        migrations.AddIndex('notification', models.Index(condition=models.Q(('attempts', 0), ('order', None), ('state', 'waiting')), fields=['webhook', 'event'], name='notification_open')),
        *add(
            'attempt',
            error_details=models.JSONField(blank=True, default=dict, editable=False, verbose_name='error details'),
        ),
        migrations.RemoveIndex('job', 'job_claim'),
        migrations.RemoveIndex('job', 'job_lease'),
        migrations.AlterField('job', 'cad_file', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='jobs', to='media_assets.cadfile', verbose_name='CAD file')),
        *add(
            'job',
            error_details=models.JSONField(blank=True, default=dict, editable=False, verbose_name='error details'),
            held_since=models.DateTimeField(blank=True, help_text='Not claimed since then, because disk space, the storage or a file is missing: see its error', null=True),
            cad_name=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of a CAD file that was deleted', max_length=255),
            output_name=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of an output type that was deleted', max_length=100),
            output_slug=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of an output type that was deleted', max_length=60),
            product_name=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of a product that was deleted', max_length=255),
            product_number=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of a product that was deleted', max_length=100),
            share=models.BigIntegerField(db_default=0, default=0, editable=False, help_text="Jobs of one priority take turns by it: a person's id, minus an order's id, or 0"),
        ),
        migrations.AddIndex('job', models.Index(condition=models.Q(('held_since__isnull', False)), fields=['error_code'], name='job_held_back')),
        migrations.AddIndex('job', models.Index(condition=models.Q(('held', False), ('held_since', None), ('not_before', None), ('state', 'queued')), fields=['lane', 'queue', '-priority', 'share', 'queued', 'id'], name='job_ready')),
        migrations.AddIndex('job', models.Index(condition=models.Q(('held', False), ('held_since', None), ('not_before', None), ('state', 'queued'), ('geometry_key__gt', '')), fields=['geometry_key', 'lane', 'queue', '-priority', 'share', 'queued', 'id'], name='job_loaded')),
        migrations.AddIndex('job', models.Index(condition=models.Q(('held_since', None), ('not_before__isnull', False), ('state', 'queued')), fields=['not_before'], name='job_later')),
        migrations.AddIndex('job', models.Index(condition=models.Q(('state', 'queued')), fields=['queue', 'lane', 'queued'], name='job_place')),
        migrations.AddIndex('job', models.Index(condition=models.Q(('avoid__gt', ''), ('state', 'queued')), fields=['id'], name='job_avoids')),
        migrations.AddIndex('job', models.Index(condition=models.Q(('state', 'running')), fields=['id'], name='job_running')),
        migrations.AddConstraint('job', models.CheckConstraint(condition=models.Q(('held_since', None), models.Q(('state', 'queued'), models.Q(('error_code', ''), _negated=True)), _connector='OR'), name='job_held_has_code')),
        *add(
            'order',
            form_token=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('slug', models.SlugField(allow_unicode=True, blank=True, help_text='Used in file names, tables and the API; it stays as it is when the name changes.', max_length=60)),
                ('created', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='media_assets.product')),
                ('hidden', models.JSONField(blank=True, default=list, help_text='Parts that are not shown: {words, part_key}, as conditions of material rules')),
            ],
            options={
                'verbose_name': 'variant',
                'verbose_name_plural': 'variants',
                'ordering': ['product', 'pk'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('product', 'slug'), name='variant_slug_once', violation_error_message='This product has a variant of this name already.'), models.UniqueConstraint(fields=('product', 'name'), name='variant_name_once', violation_error_message='This product has a variant of this name already.')],
            },
        ),
        migrations.RemoveIndex('orderline', 'orderline_live'),
        migrations.RemoveConstraint('orderline', 'orderline_once_per_order'),
        migrations.AlterField('orderline', 'cad_file', models.ForeignKey(help_text="The product's, when ordered", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='media_assets.cadfile')),
        migrations.AlterField('orderline', 'output_type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='order_lines', to='rendering.outputtype')),
        migrations.AlterField('orderline', 'product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='order_lines', to='media_assets.product')),
        *add(
            'orderline',
            error_details=models.JSONField(blank=True, default=dict, editable=False, verbose_name='error details'),
            cad_name=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of a CAD file that was deleted', max_length=255),
            output_name=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of an output type that was deleted', max_length=100),
            output_slug=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of an output type that was deleted', max_length=60),
            product_name=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of a product that was deleted', max_length=255),
            product_number=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of a product that was deleted', max_length=100),
            stale_since=models.DateTimeField(blank=True, help_text='When what it delivered was found to be stale; kept for webhooks', null=True),
            variant_slug=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Of a variant that was deleted', max_length=60),
            variant=models.ForeignKey(blank=True, help_text='Empty: the product itself', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='order_lines', to='rendering.variant'),
            part=models.CharField(blank=True, db_default='', default='', help_text="Key in the product's parts list. Empty: not a part of it alone", max_length=100),
        ),
        migrations.AddIndex('orderline', models.Index(condition=models.Q(('state__in', ['pending', 'working'])), fields=['id', 'state'], name='orderline_live')),
        migrations.AddConstraint('orderline', models.UniqueConstraint(condition=models.Q(('variant', None), ('variant_slug', '')), fields=('order', 'product', 'output_type', 'part'), name='orderline_once_per_order')),
        migrations.AddConstraint('orderline', models.UniqueConstraint(fields=('order', 'product', 'output_type', 'variant', 'part'), name='orderline_variant_once')),
        *add(
            'materialrule',
            variant=models.ForeignKey(blank=True, editable=False, help_text='Of the product: the rule is for its pictures alone.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='material_rules', to='rendering.variant'),
        ),
        migrations.AlterModelOptions('materialrule', {
            'ordering': [models.OrderBy(models.F('product'), nulls_last=True), models.OrderBy(models.F('variant'), nulls_first=True), 'position', '-id'],
            'permissions': [('assign_finish', "Can choose finishes of a product's parts")],
            'verbose_name': 'material rule',
            'verbose_name_plural': 'material rules',
        }),
        migrations.AddConstraint('materialrule', models.CheckConstraint(condition=models.Q(('variant', None), models.Q(('product', None), _negated=True), _connector='OR'), name='materialrule_variant_of_product')),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part_key', models.CharField(help_text="The part's place in the product tree, e.g. /Bearing/Cage#2", max_length=1000, verbose_name='part key')),
                ('side', models.CharField(choices=[('front', 'Front'), ('back', 'Back'), ('left', 'Left'), ('right', 'Right'), ('top', 'Top'), ('bottom', 'Bottom')], help_text='The side of the product that it is seen from', max_length=6, verbose_name='face')),
                ('mm', models.FloatField(help_text='The height follows from the picture.', validators=[django.core.validators.MinValueValidator(0.1), django.core.validators.MaxValueValidator(10000.0)], verbose_name='width (mm)')),
                ('x', models.FloatField(default=0.0, help_text='From the middle of the part, as seen from this side', validators=[django.core.validators.MinValueValidator(-100000), django.core.validators.MaxValueValidator(100000)], verbose_name='to the right (mm)')),
                ('y', models.FloatField(default=0.0, validators=[django.core.validators.MinValueValidator(-100000), django.core.validators.MaxValueValidator(100000)], verbose_name='up (mm)')),
                ('turn', models.FloatField(default=0.0, help_text='Counterclockwise', validators=[django.core.validators.MinValueValidator(-360.0), django.core.validators.MaxValueValidator(360.0)], verbose_name='turned by (°)')),
                ('depth', models.FloatField(default=0.0, help_text='How deep dark places are cut, by shading; 0: it is printed in its colors', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(5.0)], verbose_name='engraved (mm)')),
                ('reach', models.FloatField(default=1.0, help_text='How far below the highest place the part is still covered: more for rounded faces', validators=[django.core.validators.MinValueValidator(0.01), django.core.validators.MaxValueValidator(1000.0)], verbose_name='reach (mm)')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('picture', models.ForeignKey(help_text='Of the textures; it may be transparent.', on_delete=django.db.models.deletion.PROTECT, to='rendering.texture', verbose_name='picture')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='media_assets.product')),
            ],
            options={
                'verbose_name': 'label',
                'verbose_name_plural': 'labels',
                'ordering': ['product', 'part_key', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('produced', models.DateTimeField()),
                ('verdict', models.CharField(choices=[('approved', 'Approved'), ('rejected', 'Rejected')], max_length=8)),
                ('note', models.TextField(blank=True, max_length=2000)),
                ('when', models.DateTimeField(default=django.utils.timezone.now)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='media_assets.mediaasset')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'permissions': [('approve_picture', 'Can approve and reject pictures')],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'rejected'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='review_rejected_has_note')],
            },
        ),
        migrations.CreateModel(
            name='PictureComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('produced', models.DateTimeField()),
                ('x', models.FloatField(blank=True, null=True)),
                ('y', models.FloatField(blank=True, null=True)),
                ('text', models.TextField(max_length=2000)),
                ('when', models.DateTimeField(default=django.utils.timezone.now)),
                ('resolved', models.DateTimeField(blank=True, null=True)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='media_assets.mediaasset')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'default_permissions': ('add',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('x', None), ('y', None)), models.Q(('x__gte', 0), ('x__lte', 1), ('y__gte', 0), ('y__lte', 1)), _connector='OR'), name='picturecomment_place_is_whole_and_inside')],
            },
        ),
        migrations.CreateModel(
            name='DeliverablesView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('query', models.CharField(blank=True, max_length=200)),
                ('states', models.JSONField(blank=True, default=list)),
                ('columns', models.JSONField(blank=True, default=list)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliverables_views', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='deliverablesview_one_per_name')],
            },
        ),
        migrations.CreateModel(
            name='ChannelProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Used by commands and in file names', max_length=60, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('note', models.TextField(blank=True, help_text='Shown to whoever orders for this channel', max_length=2000)),
                ('pattern', models.CharField(default='{product}_{code}.{ext}', help_text='For example {asin}.{code}.{ext}; {code} is that of the output.', max_length=200, verbose_name='file names')),
                ('companion', models.CharField(blank=True, choices=[('', 'None'), ('picture', '<picture> snippet for web pages'), ('bmecat', 'MIME entries of a BMEcat')], default='', max_length=10, verbose_name='text file for each product')),
                ('letters', models.CharField(blank=True, choices=[("", "As they are"), ("small", "Small letters"), ("plain", "Small letters, digits and underscores only")], default="", max_length=5, verbose_name="letters of names")),
            ],
            options={
                'ordering': ['name'],
                'verbose_name': 'channel profile',
                'verbose_name_plural': 'channel profiles',
            },
        ),
        migrations.CreateModel(
            name='ChannelRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('format', 'format'), ('longest_min', 'longest_min'), ('longest_max', 'longest_max'), ('shortest_min', 'shortest_min'), ('size', 'size'), ('megapixels_max', 'megapixels_max'), ('bytes_max', 'bytes_max'), ('fill_min', 'fill_min'), ('fill_max', 'fill_max'), ('margin_min', 'margin_min'), ('white_beyond', 'white_beyond'), ('opaque', 'opaque'), ('profile', 'profile'), ('bits', 'bits'), ('dpi_min', 'dpi_min'), ('clipping_path', 'clipping_path'), ('name', 'name'), ('metadata', 'metadata'), ('people', 'people')], max_length=20, verbose_name='rule')),
                ('value', models.CharField(max_length=200)),
                ('code', models.CharField(blank=True, help_text='The code of one output. Empty: for all.', max_length=30, verbose_name='only for')),
                ('source', models.URLField(blank=True, help_text='Where the channel says so', max_length=400)),
                ('read_on', models.DateField(blank=True, help_text='When the source was read. Empty: not read.', null=True, verbose_name='read on')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='rendering.channelprofile')),
            ],
            options={
                'ordering': ['id'],
                'verbose_name': 'rule',
                'verbose_name_plural': 'rules',
            },
        ),
        migrations.CreateModel(
            name='ChannelOutput',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(blank=True, help_text='As the channel calls it, such as MAIN or A1C1; {code} in file names', max_length=30, validators=[django.core.validators.RegexValidator('^[\\w.-]+\\Z', 'Use letters, digits, hyphens, dots and underscores.')])),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('is_required', models.BooleanField(default=True, help_text='A product is ready when all required pictures are.', verbose_name='required')),
                ('output_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='channel_outputs', to='rendering.outputtype')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outputs', to='rendering.channelprofile')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('profile', 'output_type'), name='channeloutput_once_per_profile')],
                'ordering': ['position', 'id'],
                'verbose_name': 'output',
                'verbose_name_plural': 'outputs',
            },
        ),
        migrations.CreateModel(
            name='ChannelVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('document', models.JSONField(default=dict)),
                ('by', models.CharField(blank=True, help_text='Who made it, in words', max_length=200)),
                ('created', models.DateTimeField(default=django.utils.timezone.now)),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='rendering.channelprofile')),
            ],
            options={
                'ordering': ['profile', '-number'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('profile', 'number'), name='channelversion_number_once')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started', models.DateTimeField(default=django.utils.timezone.now)),
                ('seconds', models.FloatField(help_text='s')),
                ('status', models.PositiveSmallIntegerField(blank=True, help_text='Of the answer over HTTP', null=True)),
                ('answer', models.TextField(blank=True, help_text='How it begins')),
                ('error', models.TextField(blank=True, help_text='Empty: it was accepted')),
                ('next_attempt', models.DateTimeField(blank=True, null=True)),
                ('notification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='rendering.notification')),
            ],
            options={
                'default_permissions': (),
                'ordering': ['-id'],
                'verbose_name': 'delivery attempt',
                'verbose_name_plural': 'delivery attempts',
            },
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('RenderdeskNoWorker', 'No worker serves a lane'), ('RenderdeskQueueOld', 'Jobs wait too long'), ('RenderdeskGpuLost', 'A GPU is lost'), ('RenderdeskDiskLow', 'The media disk is low'), ('RenderdeskFailures', 'Many jobs fail')], max_length=30)),
                ('subject', models.CharField(blank=True, help_text='The lane, GPU or disk that it is about', max_length=200)),
                ('message', models.TextField(help_text='What is wrong, with figures')),
                ('first_seen', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_seen', models.DateTimeField(default=django.utils.timezone.now)),
                ('began', models.DateTimeField(blank=True, help_text='When receivers were notified; empty: it has not lasted so long', null=True)),
                ('ended', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended', None)), fields=('name', 'subject'), name='alert_open_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Which program uses it, and what for', max_length=100, verbose_name='name')),
                ('scopes', models.JSONField(default=list, verbose_name='scopes')),
                ('public', models.CharField(editable=False, help_text='The part that is no secret', max_length=20, unique=True, verbose_name='beginning')),
                ('hashed', models.CharField(editable=False, max_length=64)),
                ('created', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('expires', models.DateTimeField(blank=True, help_text='Empty: never', null=True, verbose_name='expires')),
                ('last_used', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used')),
                ('revoked', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ApiRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('fingerprint', models.CharField(help_text='SHA-256 of method, address and content', max_length=64)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('answer', models.JSONField(default=dict)),
                ('created', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='rendering.apitoken')),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('token', 'key'), name='apirequest_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiUpload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=255)),
                ('size', models.PositiveBigIntegerField(help_text='bytes, when it is whole')),
                ('received', models.PositiveBigIntegerField(default=0, help_text='bytes')),
                ('options', models.JSONField(default=dict, help_text='Product and reading options')),
                ('created', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
                'base_manager_name': 'objects',
                'constraints': [models.CheckConstraint(condition=models.Q(('received__lte', models.F('size'))), name='apiupload_not_too_long')],
            },
        ),
        migrations.CreateModel(
            name='Preferences',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(blank=True, max_length=10)),
                ('time_zone', models.CharField(blank=True, max_length=50, validators=[rendering.models.preferences.check_time_zone])),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='preferences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'preferences',
            },
        ),
        migrations.RunPython(set_densities, migrations.RunPython.noop),
        migrations.RunPython(rename_finishes, migrations.RunPython.noop),
        migrations.RunPython(tune, untune),
    ]
